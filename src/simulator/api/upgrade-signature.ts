import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  ACCESS_KEY_ID,
  type Authorization,
  parseAuthorization,
  SECRET_ACCESS_KEY,
} from './credentials.ts';

/** The name under which the upgrade is signed (PROTOCOL 1.5). */
const SERVICE = 'ssmmessages';

/**
 * Checks the signature of a websocket upgrade (W-1). With keys that are not the simulator's only the
 * scope can be checked.
 */
export function checkUpgradeSignature(
  request: IncomingMessage,
  region: string,
): 'missing' | 'wrong' | 'valid' {
  const header = request.headers.authorization;
  if (header === undefined) return 'missing';
  const authorization = parseAuthorization(header);
  if (authorization === undefined) return 'wrong';
  if (authorization.service !== SERVICE || authorization.region !== region) return 'wrong';
  if (authorization.accessKeyId !== ACCESS_KEY_ID) return 'valid';
  return sign(request, authorization) === authorization.signature ? 'valid' : 'wrong';
}

/** Signature Version 4 of a GET with an empty body. */
function sign(request: IncomingMessage, authorization: Authorization): string {
  const { date, region, service } = authorization;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    String(request.headers['x-amz-date'] ?? ''),
    scope,
    sha256(canonicalRequest(request, authorization.signedHeaders)),
  ].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${SECRET_ACCESS_KEY}`,
  );
  return createHmac('sha256', key).update(stringToSign).digest('hex');
}

function canonicalRequest(request: IncomingMessage, signedHeaders: readonly string[]): string {
  const url = new URL(request.url ?? '/', 'http://simulator.invalid');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signedHeaders.map((name) => {
    const value = String(request.headers[name] ?? '');
    return `${name}:${value.trim().replaceAll(/ +/g, ' ')}\n`;
  });
  const body = request.headers['x-amz-content-sha256'] ?? sha256('');
  return [
    'GET',
    url.pathname
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    query,
    headers.join(''),
    signedHeaders.join(';'),
    body,
  ].join('\n');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** RFC 3986: also what encodeURIComponent leaves alone. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
