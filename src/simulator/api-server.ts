import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { ApiInput } from './api-input.ts';
import { parseAuthorization } from './credentials.ts';

const MAX_BODY = 1024 * 1024;
/** Prefix of `x-amz-target` for each service. */
export const TARGET_PREFIX = {
  ecs: 'AmazonEC2ContainerServiceV20141113',
  ssm: 'AmazonSSM',
  kms: 'TrentService',
} as const;

export type Operation = (input: ApiInput) => object | Promise<object>;

/** One API call, for assertions and the log. */
export interface ApiCall {
  readonly operation: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Type of the error answer, or undefined for a success. */
  readonly error: string | undefined;
}

export interface ApiServerOptions {
  readonly region: string;
  readonly account: string;
  readonly now: () => number;
  /** By `x-amz-target`. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** The same API for callers of another region: an account without anything in it. */
  readonly elsewhere: ReadonlyMap<string, Operation>;
  readonly onCall: (call: ApiCall) => void;
}

/** AWS JSON 1.1, and the one operation of the query protocol that clients need: GetCallerIdentity. */
export class ApiServer {
  readonly #options: ApiServerOptions;

  constructor(options: ApiServerOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') await this.#answerJson(target, body, request, response);
    else this.#answerQuery(new URLSearchParams(body), request, response);
  }

  async #answerJson(
    target: string,
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const name = target.slice(target.indexOf('.') + 1);
    try {
      const operation = this.#operations(request).get(target);
      if (operation === undefined) throw new ApiError('UnknownOperationException', '');
      const output = await operation(ApiInput.parse(body));
      this.#record(name, undefined);
      sendJson(response, 200, output);
    } catch (error) {
      const failure = asApiError(error);
      this.#record(name, failure.type);
      // KMS and SSM say `message` as ECS does; the SDKs read either case.
      sendJson(response, failure.status, { __type: failure.type, message: failure.message });
    }
  }

  #answerQuery(
    parameters: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const action = parameters.get('Action') ?? '';
    try {
      this.#operations(request);
      if (action !== 'GetCallerIdentity') {
        throw new ApiError('InvalidAction', `Could not find operation ${action}`);
      }
      this.#record(action, undefined);
      sendXml(response, 200, callerIdentity(this.#options.account));
    } catch (error) {
      const failure = asApiError(error);
      this.#record(action, failure.type);
      sendXml(response, failure.status, errorXml(failure));
    }
  }

  /** What the caller may call, by the region its signature names. */
  #operations(request: IncomingMessage): ReadonlyMap<string, Operation> {
    const header = request.headers.authorization;
    if (header === undefined) {
      throw new ApiError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    const authorization = parseAuthorization(header);
    if (authorization === undefined) {
      throw new ApiError('IncompleteSignatureException', 'Authorization header is not valid.');
    }
    const { operations, elsewhere, region } = this.#options;
    return authorization.region === region ? operations : elsewhere;
  }

  #record(operation: string, error: string | undefined): void {
    this.#options.onCall({ operation, at: this.#options.now(), error });
  }
}

/** The whole body as text. @throws when it is too long */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY) throw new ApiError('RequestEntityTooLarge', 'Request too long', 413);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ApiError('ServerException', text, 500);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/x-amz-json-1.1', JSON.stringify(body));
}

function sendXml(response: ServerResponse, status: number, body: string): void {
  send(response, status, 'text/xml', body);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': randomUUID() });
  response.end(body);
}

const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

function callerIdentity(account: string): string {
  return `<GetCallerIdentityResponse xmlns="${STS_NAMESPACE}"><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/simulator</Arn><UserId>AIDASIMULATOREXAMPLE1</UserId><Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
}

function errorXml({ type, message }: ApiError): string {
  const code = type.replace(/Exception$/, '');
  return `<ErrorResponse xmlns="${STS_NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message.replaceAll('<', '&lt;')}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}
