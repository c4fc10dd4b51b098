import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type AccessKey,
  type Authorization,
  parseAuthorization,
  parsePresigned,
} from './credentials.ts';

/** How far a request's date may be off (IAM user guide, "Troubleshoot Signature Version 4"). */
const MAX_SKEW_MS = 5 * 60_000;

export type SignatureVerdict =
  | { readonly kind: 'valid'; readonly authorization: Authorization }
  | { readonly kind: 'missing' | 'malformed' | 'unknown-key' | 'mismatch' }
  /** `date` is the date of the request, which is too old or too far in the future. */
  | { readonly kind: 'expired' | 'early'; readonly date: string };

export interface SignatureCheck {
  readonly key: AccessKey;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly body: Uint8Array;
}

/** Parses the signature of a request without checking it; undefined if there is none. */
export function authorizationOf(request: IncomingMessage): Authorization | undefined {
  const { authorization } = request.headers;
  return authorization === undefined
    ? parsePresigned(urlOf(request).searchParams)
    : parseAuthorization(authorization);
}

/** Checks the Signature Version 4 of a request, in its header or in a presigned URL. */
export function checkSignature(request: IncomingMessage, check: SignatureCheck): SignatureVerdict {
  const authorization = authorizationOf(request);
  if (authorization === undefined) {
    return { kind: request.headers.authorization === undefined ? 'missing' : 'malformed' };
  }
  const { accessKeyId, secretAccessKey } = check.key;
  if (authorization.accessKeyId !== accessKeyId) return { kind: 'unknown-key' };
  const query = urlOf(request).searchParams;
  const date = String(request.headers['x-amz-date'] ?? query.get('X-Amz-Date') ?? '');
  // The host must be signed, or the signature would be valid for any server.
  const isComplete = authorization.signedHeaders.includes('host') && date !== '';
  if (!isComplete || !date.startsWith(authorization.date)) return { kind: 'malformed' };
  const payloadHash = payloadHashOf(request, authorization, check.body);
  if (payloadHash === undefined) return { kind: 'mismatch' };
  const canonical = canonicalRequest(request, authorization, payloadHash);
  if (!isSame(sign({ authorization, secretAccessKey, date, canonical }), authorization.signature)) {
    return { kind: 'mismatch' };
  }
  const age = check.now - millisecondsOf(date);
  if (!(age <= lifetimeOf(query))) return { kind: 'expired', date };
  return age < -MAX_SKEW_MS ? { kind: 'early', date } : { kind: 'valid', authorization };
}

/** Presigned URLs state how long they are valid, in seconds. */
function lifetimeOf(query: URLSearchParams): number {
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  return Number.isNaN(seconds) ? MAX_SKEW_MS : seconds * 1000;
}

/**
 * The hash of the body in the canonical request. S3 also accepts a keyword instead, for an unsigned body or one
 * that is signed in chunks. Undefined if the named hash is not that of the body.
 */
function payloadHashOf(
  request: IncomingMessage,
  { service }: Authorization,
  body: Uint8Array,
): string | undefined {
  const hash = sha256(body);
  const isPresigned = request.headers.authorization === undefined;
  const usual = service === 's3' && isPresigned ? 'UNSIGNED-PAYLOAD' : hash;
  const named = isPresigned
    ? (urlOf(request).searchParams.get('X-Amz-Content-Sha256') ?? usual)
    : (request.headers['x-amz-content-sha256'] ?? usual);
  if (named === hash) return hash;
  const isWord = /^(?:UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/.test(String(named));
  return service === 's3' && isWord ? String(named) : undefined;
}

function canonicalRequest(
  request: IncomingMessage,
  { signedHeaders, service }: Authorization,
  payloadHash: string,
): string {
  const url = urlOf(request);
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signedHeaders.map((name) => {
    const value = String(request.headers[name] ?? '');
    return `${name}:${value.trim().replaceAll(/ +/g, ' ')}\n`;
  });
  // Every service except S3 encodes the path a second time.
  const part = (text: string) => encode(service === 's3' ? decodeURIComponent(text) : text);
  return [
    request.method ?? 'GET',
    url.pathname.split('/').map(part).join('/'),
    query,
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

interface Signing {
  readonly authorization: Authorization;
  readonly secretAccessKey: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly canonical: string;
}

function sign({ authorization, secretAccessKey, date, canonical }: Signing): string {
  const scope = [authorization.date, authorization.region, authorization.service, 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Compares two secrets in constant time. */
export function isSame(a: string, b: string): boolean {
  const digests = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(digests[0] ?? Buffer.alloc(0), digests[1] ?? Buffer.alloc(0));
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://simulator.invalid');
}

/** NaN for any text not in the form `YYYYMMDDTHHMMSSZ`. */
function millisecondsOf(date: string): number {
  return Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Encodes according to RFC 3986, including characters that encodeURIComponent leaves alone. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
