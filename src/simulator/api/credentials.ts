import { randomInt } from 'node:crypto';

/** The access key of one run of the simulator: it permits API calls and control calls. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A new access key in AWS's format: 20 and 40 characters. */
export function createAccessKey(): AccessKey {
  return {
    accessKeyId: `AKIASIM${randomText('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 13)}`,
    secretAccessKey: randomText(
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
      40,
    ),
  };
}

/** The parts of a Signature Version 4, from the `Authorization` header or from a presigned URL. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const SCOPE = String.raw`([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request`;
const CREDENTIAL = new RegExp(`^${SCOPE}$`);
const HEADER = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=${SCOPE}, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$`,
);

/** Parses an `Authorization` header of Signature Version 4; undefined if it is malformed. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  return authorization(HEADER.exec(header ?? ''));
}

/** Parses the query of a presigned URL; undefined if it is not presigned. */
export function parsePresigned(query: URLSearchParams): Authorization | undefined {
  const scope = CREDENTIAL.exec(query.get('X-Amz-Credential') ?? '');
  const signedHeaders = query.get('X-Amz-SignedHeaders') ?? '';
  const signature = query.get('X-Amz-Signature') ?? '';
  return scope === null ? undefined : authorization([...scope, signedHeaders, signature]);
}

function authorization(parts: readonly string[] | null): Authorization | undefined {
  if (parts === null) return undefined;
  const [, accessKeyId = '', date = '', region = '', service = '', headers = '', signature = ''] =
    parts;
  return { accessKeyId, date, region, service, signedHeaders: headers.split(';'), signature };
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
