import { ApiError } from './api-error.ts';
import type { SignatureVerdict } from './signature.ts';

type Refusal = Exclude<SignatureVerdict, { readonly kind: 'valid' }>;
/** How a service writes its errors. */
export type ApiProtocol = 'json' | 'query' | 'ec2' | 's3';

interface ErrorName {
  readonly type: string;
  readonly status: number;
}

/** Each protocol has its own names for the same errors (each service's "Common errors" page). */
const NAMES: Readonly<Record<ApiProtocol, Readonly<Record<Refusal['kind'], ErrorName>>>> = {
  json: {
    missing: { type: 'MissingAuthenticationTokenException', status: 400 },
    malformed: { type: 'IncompleteSignatureException', status: 400 },
    'unknown-key': { type: 'UnrecognizedClientException', status: 400 },
    mismatch: { type: 'InvalidSignatureException', status: 400 },
    expired: { type: 'InvalidSignatureException', status: 400 },
    early: { type: 'InvalidSignatureException', status: 400 },
  },
  query: {
    missing: { type: 'MissingAuthenticationToken', status: 403 },
    malformed: { type: 'IncompleteSignature', status: 400 },
    'unknown-key': { type: 'InvalidClientTokenId', status: 403 },
    mismatch: { type: 'SignatureDoesNotMatch', status: 403 },
    expired: { type: 'SignatureDoesNotMatch', status: 403 },
    early: { type: 'SignatureDoesNotMatch', status: 403 },
  },
  ec2: {
    missing: { type: 'AuthFailure', status: 401 },
    malformed: { type: 'AuthFailure', status: 401 },
    'unknown-key': { type: 'AuthFailure', status: 401 },
    mismatch: { type: 'AuthFailure', status: 401 },
    expired: { type: 'RequestExpired', status: 400 },
    early: { type: 'RequestExpired', status: 400 },
  },
  s3: {
    missing: { type: 'AccessDenied', status: 403 },
    malformed: { type: 'AuthorizationHeaderMalformed', status: 400 },
    'unknown-key': { type: 'InvalidAccessKeyId', status: 403 },
    mismatch: { type: 'SignatureDoesNotMatch', status: 403 },
    expired: { type: 'RequestTimeTooSkewed', status: 403 },
    early: { type: 'RequestTimeTooSkewed', status: 403 },
  },
};

/** The error with which a service rejects a signature. */
export function signatureError(protocol: ApiProtocol, refusal: Refusal, now: number): ApiError {
  const { type, status } = NAMES[protocol][refusal.kind];
  return new ApiError(type, messageOf(refusal, now), status);
}

/** Keys differ in each run, so old keys in a terminal are the likely cause. */
const ADVICE =
  'ecsh simulate has new keys in each run: copy the lines that it printed when it started.';

function messageOf(refusal: Refusal, now: number): string {
  switch (refusal.kind) {
    case 'missing':
      return 'Missing Authentication Token';
    case 'malformed':
      return 'The signature in the request is incomplete or not of Signature Version 4.';
    case 'unknown-key':
      return `The security token included in the request is invalid. ${ADVICE}`;
    case 'mismatch':
      return `The request signature we calculated does not match the signature you provided. ${ADVICE}`;
    case 'expired':
      return `Signature expired: ${refusal.date} is now earlier than ${dateOf(now - 300_000)} (${dateOf(now)} - 5 min.)`;
    case 'early':
      return `Signature not yet current: ${refusal.date} is still later than ${dateOf(now + 300_000)} (${dateOf(now)} + 5 min.)`;
  }
}

/** The date format of requests: `YYYYMMDDTHHMMSSZ`. */
function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
