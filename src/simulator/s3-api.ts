import { ApiError } from './api-error.ts';
import type { Fleet } from './fleet.ts';
import type { FleetBucket } from './fleet-account.ts';
import { element, escapeXml } from './xml.ts';

export interface S3Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** That the request is signed for. */
  readonly region: string;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a request asks for: the name of the operation, and the action that it needs. */
export function s3OperationOf({ method, url }: S3Request): { operation: string; action: string } {
  const { searchParams, pathname } = new URL(url, 'http://s3');
  const isBucket = /^\/[^/]+\/?$/.test(pathname);
  if (isBucket && method === 'HEAD') return { operation: 'HeadBucket', action: 's3:ListBucket' };
  if (isBucket && method === 'GET' && searchParams.has('encryption')) {
    return { operation: 'GetBucketEncryption', action: 's3:GetEncryptionConfiguration' };
  }
  throw new ApiError('NotImplemented', 'The simulator has no such S3 operation.', 501);
}

/** The reads of S3 that tell whether session logs can be stored, by path-style addresses. */
export function answerS3(fleet: Fleet, request: S3Request): S3Answer {
  const { operation } = s3OperationOf(request);
  const [, name = ''] = new URL(request.url, 'http://s3').pathname.split('/');
  const bucket = bucketsOf(fleet).find((candidate) => candidate.name === name);
  if (bucket === undefined || !bucket.exists) {
    throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }
  const region = bucket.region ?? fleet.region;
  const headers = { 'x-amz-bucket-region': region };
  if (region !== request.region) return { status: 301, headers, body: '' };
  if (operation === 'HeadBucket') return { status: 200, headers, body: '' };
  return { status: 200, headers, body: encryptionOf(bucket) };
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

/** Those of the fleet file, and those that clusters name. */
function bucketsOf({ buckets, clusters }: Fleet): readonly FleetBucket[] {
  const usual = clusters.flatMap(({ logConfiguration }): FleetBucket[] => {
    const name = logConfiguration?.s3BucketName;
    if (typeof name !== 'string') return [];
    return [{ name, region: undefined, encryption: 'AES256', exists: true }];
  });
  return [...buckets, ...usual];
}
