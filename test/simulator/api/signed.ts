import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Simulator } from '#simulator/simulator.ts';

/** The parts of a simulator that are needed to sign a request for it. */
export type Signing = Pick<Simulator, 'endpoint' | 'region' | 'environment'>;

export interface SignedRequest {
  readonly method?: string;
  /** Path and query. */
  readonly path?: string;
  readonly service?: string;
  readonly region?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly signingDate?: Date;
}

/** Returns the headers of a request with its signature, made by the SDK's own signer. */
export async function signedHeaders(
  simulator: Signing,
  request: SignedRequest = {},
): Promise<Record<string, string>> {
  const { body, signingDate = new Date() } = request;
  const unsigned = {
    ...unsignedRequest(simulator, request),
    ...(body === undefined ? {} : { body }),
  };
  const { headers } = await signerOf(simulator, request).sign(unsigned, { signingDate });
  return headers;
}

/** Returns the path and query of a presigned URL. */
export async function presignedPath(
  simulator: Signing,
  request: SignedRequest & { readonly expiresIn: number },
): Promise<string> {
  const { expiresIn, signingDate = new Date() } = request;
  const headers = request.service === 's3' ? UNSIGNED_BODY : {};
  const { path, query = {} } = await signerOf(simulator, request).presign(
    unsignedRequest(simulator, { ...request, headers }),
    { expiresIn, signingDate },
  );
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return `${path}?${new URLSearchParams(pairs)}`;
}

/** Copies the settings of the presigner in the SDK's S3 client. */
const UNSIGNED_BODY = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

function signerOf(simulator: Signing, request: SignedRequest): SignatureV4 {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = simulator.environment;
  const { service = 'ecs', region = simulator.region, sessionToken } = request;
  return new SignatureV4({
    service,
    region,
    // Only S3 encodes its paths once.
    uriEscapePath: service !== 's3',
    applyChecksum: service === 's3',
    credentials: {
      accessKeyId: request.accessKeyId ?? AWS_ACCESS_KEY_ID,
      secretAccessKey: request.secretAccessKey ?? AWS_SECRET_ACCESS_KEY,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    sha256: Sha256,
  });
}

function unsignedRequest({ endpoint }: Signing, request: SignedRequest) {
  const url = new URL(request.path ?? '/', endpoint);
  return {
    method: request.method ?? 'POST',
    protocol: 'http:',
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...request.headers },
  };
}
