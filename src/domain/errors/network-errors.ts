import type { Explanation, FailureContext, ServiceFailure } from './failure-rule.ts';

const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN'];

const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'EPIPE',
];

/** Codes that can also occur after the request was sent. */
const SENT = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'];

/** Certificate verification codes of Node's TLS. */
const UNTRUSTED =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ERR_TLS_CERT_ALTNAME_INVALID$)/;

/** Failures on the way to AWS, recognised by Node's error codes; undefined for others. */
export function explainNetworkFailure(
  failure: ServiceFailure,
  context: FailureContext,
): Explanation | undefined {
  const code = failure.code ?? '';
  if (isUntrusted(code)) return explainUntrusted('the AWS endpoint', failure.message, code);
  if (UNKNOWN_HOST.includes(code)) return unknownHost(failure, context);
  if (UNREACHABLE.includes(code) || failure.name === 'TimeoutError') {
    return unreachable(failure, context);
  }
  if (isUnreadable(failure)) return unreadable(failure, context);
  return undefined;
}

/** Invalid JSON, and the SDK's messages for invalid XML and for fields of another type. */
function isUnreadable({ name, message }: ServiceFailure): boolean {
  return name === 'SyntaxError' || /^@aws-sdk XML parse error|Deserialization error:/.test(message);
}

function unknownHost({ message, code }: ServiceFailure, context: FailureContext): Explanation {
  const host = /(?:ENOTFOUND|EAI_AGAIN) (\S+)/.exec(message)?.[1] ?? context.endpoint ?? 'AWS';
  const isOfRegion = context.region !== undefined && host.includes(context.region);
  return {
    code: 'endpoint-unreachable',
    message: `The name ${host} cannot be resolved (${code}).`,
    hint: isOfRegion
      ? `Is the region "${context.region}" spelled right, and does this machine have a network?`
      : 'Check --endpoint-url and the network of this machine.',
  };
}

function unreachable(failure: ServiceFailure, context: FailureContext): Explanation {
  const target = context.endpoint ?? 'the AWS endpoint';
  const detail = failure.message === '' ? (failure.code ?? failure.name) : failure.message;
  // The process starts before anyone connects (PROTOCOL O-4): once sent, it may run.
  const mayHaveBeenSent =
    failure.operation === 'ExecuteCommand' &&
    (SENT.includes(failure.code ?? '') || failure.name === 'TimeoutError') &&
    !/without establishing a connection/i.test(failure.message);
  return {
    code: 'endpoint-unreachable',
    message: `No answer from ${target}: ${detail}`,
    hint: mayHaveBeenSent
      ? 'Check network and proxy. The command may have been started all the same.'
      : 'Check network, proxy and --endpoint-url.',
  };
}

/** Whether Node's TLS failed because of the certificate of the other side. */
export function isUntrusted(code: string): boolean {
  return UNTRUSTED.test(code);
}

export function explainUntrusted(whose: string, message: string, code: string) {
  return {
    code: 'tls-untrusted',
    message: `The certificate of ${whose} is not trusted: ${message} (${code})`,
    hint: 'Where a proxy inspects TLS, or with a private CA, name its CA file in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS.',
  } as const;
}

function unreadable({ operation }: ServiceFailure, context: FailureContext): Explanation {
  return {
    code: 'answer-unreadable',
    message: `${context.endpoint ?? 'The endpoint'} did not answer like AWS${operation === undefined ? '' : ` (${operation})`}.`,
    hint: 'Check --endpoint-url and AWS_ENDPOINT_URL; a proxy or captive portal answers so too.',
  };
}
