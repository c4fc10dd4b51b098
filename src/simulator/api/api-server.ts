import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { Buckets } from '#simulator/services/buckets.ts';
import {
  S3Operations,
  type S3Response,
  s3Error,
  s3OperationOf,
} from '#simulator/services/s3-operations.ts';
import { ApiError } from './api-error.ts';
import { ApiInput } from './api-input.ts';
import type { AccessKey, Authorization } from './credentials.ts';
import { requireAllowed } from './denial.ts';
import { EventStream, encodeEvent } from './event-stream.ts';
import { JSON_SERVICES, type Operations } from './operations.ts';
import { QueryInput } from './query-input.ts';
import { authorizationOf, checkSignature } from './signature.ts';
import { type ApiProtocol, signatureError } from './signature-errors.ts';
import { ec2Error, ec2Response, queryError, queryResponse } from './xml.ts';

const MAX_BODY = 1024 * 1024;

/** One API call, for assertions and the log. */
export interface ApiCall {
  readonly operation: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Type of the error; undefined for a success. */
  readonly error: string | undefined;
}

export interface ApiServerOptions {
  readonly fleet: Fleet;
  readonly now: () => number;
  /** The access key that callers sign with. */
  readonly key: AccessKey;
  readonly buckets: Buckets;
  readonly operations: Operations;
  /** The API in other regions, where the account is empty. */
  readonly elsewhere: Operations;
  /** Operations of services that are the same in every region. */
  readonly global: Operations['query'];
  readonly onCall: (call: ApiCall) => void;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | EventStream;
}

/** A request, parsed according to its protocol. */
interface Call {
  readonly operation: string;
  readonly protocol: ApiProtocol;
  readonly run: (authorization: Authorization) => Promise<Answer>;
  readonly fail: (error: ApiError) => Answer;
}

/** Serves AWS JSON 1.1, the query protocols of IAM, STS and EC2, and S3's REST. */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #s3: S3Operations;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#s3 = new S3Operations(options.fleet, options.buckets);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const input = await readBody(request);
    const call = this.#read(request, input.toString('utf8'));
    const { status, headers, body } = await this.#answer(call, request, input);
    response.writeHead(status, { 'x-amzn-requestid': randomUUID(), ...headers });
    if (body instanceof EventStream) streamTo(response, body);
    else response.end(request.method === 'HEAD' ? '' : body);
  }

  async #answer(call: Call, request: IncomingMessage, body: Uint8Array): Promise<Answer> {
    const { operation, run, fail } = call;
    try {
      const answer = await run(this.#requireSignature(call, request, body));
      this.#record(operation, undefined);
      return answer;
    } catch (error) {
      const failure = asApiError(error);
      this.#record(operation, failure.type);
      return fail(failure);
    }
  }

  #read(request: IncomingMessage, body: string): Call {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') return this.#jsonCall(target, body);
    if (authorizationOf(request)?.service === 's3') return this.#s3Call(request, body);
    const [, query = ''] = (request.url ?? '').split('?', 2);
    return this.#queryCall(new URLSearchParams(body === '' ? query : body));
  }

  /** @throws ApiError with the protocol's error for a missing or wrong signature */
  #requireSignature({ protocol }: Call, request: IncomingMessage, body: Uint8Array): Authorization {
    const { key } = this.#options;
    const now = this.#options.now();
    const verdict = checkSignature(request, { key, now, body });
    if (verdict.kind !== 'valid') throw signatureError(protocol, verdict, now);
    return verdict.authorization;
  }

  #jsonCall(target: string, body: string): Call {
    // Older clients use a longer prefix before the service.
    const [prefix = '', name = ''] = target.split('.').slice(-2);
    const action = `${JSON_SERVICES.get(prefix)}:${name}`;
    return {
      operation: name,
      protocol: 'json',
      run: async (authorization) => {
        const operation = this.#operations(authorization).json.get(action);
        if (operation === undefined) throw new ApiError('UnknownOperationException', '');
        this.#requireAllowed(action);
        const output = await operation(ApiInput.parse(body));
        return output instanceof EventStream ? streamed(output) : json(200, output);
      },
      // KMS and SSM use `message` too; the SDKs accept either case.
      fail: ({ status, type, message }) => json(status, { __type: type, message }),
    };
  }

  #queryCall(parameters: URLSearchParams): Call {
    const name = parameters.get('Action') ?? '';
    const protocol = PROTOCOLS.find(({ version }) => version === parameters.get('Version')) ?? STS;
    const action = `${protocol.service}:${name}`;
    return {
      operation: name,
      protocol: protocol.service === 'ec2' ? 'ec2' : 'query',
      run: async (authorization) => {
        const operation =
          this.#options.global.get(action) ?? this.#operations(authorization).query.get(action);
        if (operation === undefined) {
          throw new ApiError('InvalidAction', `Could not find operation ${name}`);
        }
        this.#requireAllowed(action);
        return xml(200, protocol.answer(name, operation(new QueryInput(parameters))));
      },
      fail: (error) => xml(error.status, protocol.error(error)),
    };
  }

  #s3Call({ method = '', url = '', headers }: IncomingMessage, body: string): Call {
    const expectedOwner = [headers['x-amz-expected-bucket-owner']].flat()[0];
    return {
      operation: 'S3',
      protocol: 's3',
      run: async ({ region }): Promise<S3Response> => {
        const request = { method, url, body, region, expectedOwner };
        this.#requireAllowed(s3OperationOf(request).action);
        return this.#s3.answer(request);
      },
      fail: (error) => xml(error.status, s3Error(error)),
    };
  }

  #requireAllowed(action: string): void {
    const { deny, caller } = this.#options.fleet;
    requireAllowed(deny, action, caller.arn);
  }

  /** The operations of the region that the signature names. */
  #operations({ region }: Authorization): Operations {
    const { operations, elsewhere, fleet } = this.#options;
    return region === fleet.region ? operations : elsewhere;
  }

  #record(operation: string, error: string | undefined): void {
    this.#options.onCall({ operation, at: this.#options.now(), error });
  }
}

interface QueryProtocol {
  readonly service: string;
  readonly version: string;
  readonly answer: (action: string, output: object) => string;
  readonly error: (error: ApiError) => string;
}

const STS = queryProtocol('sts', '2011-06-15');
const PROTOCOLS: readonly QueryProtocol[] = [
  STS,
  queryProtocol('iam', '2010-05-08'),
  { service: 'ec2', version: '2016-11-15', answer: ec2Response, error: ec2Error },
];

function queryProtocol(service: string, version: string): QueryProtocol {
  const namespace = `https://${service}.amazonaws.com/doc/${version}/`;
  return {
    service,
    version,
    answer: (action, output) => queryResponse(namespace, action, output),
    error: (error) => queryError(namespace, error),
  };
}

/** Reads the whole body. @throws ApiError if it is too long */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY) throw new ApiError('RequestEntityTooLarge', 'Request too long', 413);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ApiError('ServerException', text, 500);
}

/** Sends events until the caller disconnects. */
function streamTo(response: ServerResponse, stream: EventStream): void {
  const end = stream.open((type, payload) => response.write(encodeEvent(type, payload)));
  response.once('close', end);
}

function streamed(body: EventStream): Answer {
  return { status: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body };
}

function json(status: number, body: object): Answer {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return { status, headers, body: JSON.stringify(body) };
}

function xml(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
