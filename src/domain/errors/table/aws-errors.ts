import type { ErrorEntry } from './error-entry.ts';

/** Reaching AWS: region, credentials, network, and what AWS answers. */
export const AWS_ERRORS = {
  'region-missing': {
    cause: 'No region is configured.',
    remedy: 'Give --region, or set AWS_REGION.',
  },
  'region-not-enabled': {
    cause: 'The account has not enabled this region.',
    remedy: 'Choose another region, or enable it in the account settings.',
  },
  'credentials-missing': {
    cause: 'ecsh found no AWS credentials.',
    remedy: 'Give --profile, or log in: aws sso login.',
  },
  'profile-not-found': {
    cause: 'The profile does not exist in ~/.aws/config or ~/.aws/credentials.',
    remedy: 'Correct --profile, ECSH_PROFILE or AWS_PROFILE: the message says which.',
  },
  'credentials-expired': {
    cause: 'The AWS credentials have expired.',
    remedy: 'Log in again, for example with aws sso login.',
  },
  'credentials-invalid': {
    cause: 'AWS does not accept the credentials.',
    remedy: 'Check the profile; create new keys if these were deleted.',
  },
  'role-denied': {
    cause: 'You may not assume the role of the profile.',
    remedy: 'Check role_arn and the trust policy of the role.',
  },
  'mfa-required': {
    cause: 'The profile needs an MFA code and ecsh cannot ask for one.',
    remedy: 'Run ecsh on a terminal, or create a session first: aws sts get-session-token.',
  },
  'mfa-invalid': { cause: 'AWS rejected the MFA code.', remedy: 'Try again with a new code.' },
  'clock-skew': {
    cause: 'The clock of this machine is wrong.',
    remedy: 'Set the clock; AWS rejects signatures that are more than five minutes off.',
  },
  'signature-mismatch': {
    cause: 'The request signature is wrong.',
    remedy: 'Check the secret access key; a proxy may change requests on the way.',
  },
  'access-denied': {
    cause: 'An IAM policy denies the call.',
    remedy: 'The message names the action and the kind of policy. See docs/permissions.md.',
  },
  'endpoint-unreachable': {
    cause: 'The AWS endpoint cannot be reached.',
    remedy: 'Check the network, the proxy and --endpoint-url.',
  },
  'host-unreachable': {
    cause: 'A host cannot be reached or resolved.',
    remedy: 'Check the network, DNS and the proxy.',
  },
  'stream-url-invalid': {
    cause: 'AWS returned a stream URL that ecsh does not accept.',
    remedy: "Check --endpoint-url; use AWS's own endpoint.",
  },
  'tls-untrusted': {
    cause: 'The TLS certificate of the peer is not trusted.',
    remedy: 'If a proxy intercepts TLS, set AWS_CA_BUNDLE to its CA.',
  },
  'answer-unreadable': {
    cause: "The answer is not one of AWS's.",
    remedy: 'Check --endpoint-url; a captive portal or proxy may be answering.',
  },
  'proxy-invalid': {
    cause: 'A proxy variable does not hold a URL.',
    remedy: 'Correct the variable that the message names.',
  },
  'proxy-unreachable': {
    cause: 'The proxy cannot be reached.',
    remedy: 'Check the variable that the message names.',
  },
  'proxy-refused': {
    cause: 'The proxy refused the connection.',
    remedy: 'Ask whoever runs the proxy to allow the host.',
  },
  'proxy-auth-required': {
    cause: 'The proxy needs a user name and password.',
    remedy: 'Put them in the proxy variable: http://USER:PASSWORD@HOST:PORT.',
  },
  'ca-bundle-unreadable': { cause: 'The CA file cannot be read.', remedy: 'Check AWS_CA_BUNDLE.' },
  'stream-host-invalid': {
    cause: 'ECSH_STREAM_HOST is not a host.',
    remedy: 'Correct the variable.',
  },
  throttled: { cause: 'AWS limits the rate of calls.', remedy: 'Try again, or raise --wait.' },
  'service-unavailable': {
    cause: 'AWS failed to answer.',
    remedy: 'Try again; see the AWS health dashboard.',
  },
  'aws-error': {
    cause: 'AWS returned an error that ecsh has no explanation for.',
    remedy: "Read AWS's message.",
  },
  'request-refused': { cause: 'AWS refused the request.', remedy: "Read AWS's message." },
  'invalid-parameter': { cause: 'AWS refused a parameter.', remedy: "Read AWS's message." },
  'unsupported-feature': {
    cause: 'AWS does not support this here.',
    remedy: "Read AWS's message.",
  },
  'interactive-only': {
    cause: 'AWS takes interactive commands only.',
    remedy: "Read AWS's message.",
  },
  'account-blocked': { cause: 'AWS has blocked the account.', remedy: 'Contact AWS support.' },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
