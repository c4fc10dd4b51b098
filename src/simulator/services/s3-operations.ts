import { ApiError } from '#simulator/api/api-error.ts';
import { element, escapeXml } from '#simulator/api/xml.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetBucket } from '#simulator/fleet/fleet-account.ts';
import type { Buckets } from './buckets.ts';

export interface S3Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
  /** The region that the request is signed for. */
  readonly region: string;
  /** ID of the account that x-amz-expected-bucket-owner names. */
  readonly expectedOwner: string | undefined;
}

export interface S3Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface S3Operation {
  readonly name: string;
  readonly action: string;
}

const OPERATIONS: Readonly<Record<string, S3Operation>> = {
  'HEAD ': { name: 'HeadBucket', action: 's3:ListBucket' },
  'PUT ': { name: 'CreateBucket', action: 's3:CreateBucket' },
  'GET encryption': { name: 'GetBucketEncryption', action: 's3:GetEncryptionConfiguration' },
  'PUT encryption': { name: 'PutBucketEncryption', action: 's3:PutEncryptionConfiguration' },
};

const GET_OBJECT = { name: 'GetObject', action: 's3:GetObject' };

/** The region of a bucket created without a location constraint. */
const USUAL_REGION = 'us-east-1';

/** The operation of a request, and the IAM action that it needs. */
export function s3OperationOf({ method, url }: Pick<S3Request, 'method' | 'url'>): S3Operation {
  const { searchParams, pathname } = new URL(url, 'http://s3');
  const part = searchParams.has('encryption') ? 'encryption' : '';
  if (method === 'GET' && /^\/[^/]+\/./.test(pathname)) return GET_OBJECT;
  const operation = OPERATIONS[`${method} ${part}`];
  if (operation !== undefined && /^\/[^/]+\/?$/.test(pathname)) return operation;
  throw new ApiError('NotImplemented', 'The simulator has no such S3 operation.', 501);
}

/** The S3 operations on buckets for session logs, and on the logs in them, with path-style addresses. */
export class S3Operations {
  readonly #fleet: Fleet;
  readonly #buckets: Buckets;

  constructor(fleet: Fleet, buckets: Buckets) {
    this.#fleet = fleet;
    this.#buckets = buckets;
  }

  answer(request: S3Request): S3Response {
    const { name: operation } = s3OperationOf(request);
    const [, name = '', ...key] = new URL(request.url, 'http://s3').pathname.split('/');
    const bucket = this.#buckets.find(name);
    if (operation === 'CreateBucket') return this.#create(name, request);
    if (bucket === undefined) {
      throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
    }
    const owner = bucket.account ?? this.#fleet.account;
    if (request.expectedOwner !== undefined && request.expectedOwner !== owner) {
      throw new ApiError('AccessDenied', 'Access Denied', 403);
    }
    const region = bucket.region ?? this.#fleet.region;
    const headers = { 'x-amz-bucket-region': region };
    if (region !== request.region) return { status: 301, headers, body: '' };
    if (operation === 'GetObject') return this.#object(name, key.map(decodeURIComponent).join('/'));
    if (operation === 'PutBucketEncryption') {
      this.#buckets.put({ ...bucket, encryption: textIn(request.body, 'SSEAlgorithm') });
    }
    const body = operation === 'GetBucketEncryption' ? encryptionOf(bucket) : '';
    return { status: 200, headers, body };
  }

  #object(bucket: string, key: string): S3Response {
    const body = this.#buckets.object(bucket, key);
    if (body !== undefined) return { status: 200, headers: {}, body };
    throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
  }

  #create(name: string, { body, region }: S3Request): S3Response {
    // The most common naming rules (S3 user guide, bucket naming rules).
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new ApiError('InvalidBucketName', 'The specified bucket is not valid.', 400);
    }
    const constraint = textIn(body, 'LocationConstraint');
    if ((constraint ?? USUAL_REGION) !== region) {
      throw new ApiError(
        'IllegalLocationConstraintException',
        `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      );
    }
    const there = this.#buckets.find(name);
    // Not an error in us-east-1 (CreateBucket).
    if (there !== undefined && region !== USUAL_REGION) {
      throw new ApiError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
      );
    }
    // Encrypted since January 2023 (S3 user guide, default encryption).
    const made = { name, region, account: undefined, encryption: 'AES256', exists: true };
    this.#buckets.put(there ?? made);
    return { status: 200, headers: { location: `/${name}` }, body: '' };
  }
}

/** The text of the only element with that name in a request body. */
function textIn(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

function encryptionOf({ encryption }: FleetBucket): string {
  if (encryption === undefined) {
    throw new ApiError(
      'ServerSideEncryptionConfigurationNotFoundError',
      'The server side encryption configuration was not found',
      404,
    );
  }
  const rule = element(
    'ApplyServerSideEncryptionByDefault',
    element('SSEAlgorithm', escapeXml(encryption)),
  );
  return `<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${element('Rule', rule + element('BucketKeyEnabled', 'false'))}</ServerSideEncryptionConfiguration>`;
}

export function s3Error({ type, message }: ApiError): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(type)}</Code><Message>${escapeXml(message)}</Message><RequestId>SIMULATED</RequestId><HostId>simulator</HostId></Error>`;
}
