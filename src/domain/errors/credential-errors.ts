import { awsCommand } from './aws-command.ts';
import type { Explanation, FailureContext, FailureRule, ServiceFailure } from './failure-rule.ts';

const LOCAL_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'];

/** Region, local credentials, and signatures that AWS rejects. */
export const CREDENTIAL_RULES: readonly FailureRule[] = [
  {
    // The SDK throws a plain Error.
    names: ['Error'],
    fragment: /^Region is missing$|^Region not accepted: region=""/,
    explain: () => ({
      code: 'region-missing',
      message: 'No AWS region is configured.',
      hint: 'Give --region, set AWS_REGION, or add a region to your profile (aws configure).',
    }),
  },
  {
    names: LOCAL_CREDENTIALS,
    fragment: /expired|to refresh this SSO session|aws sso login/i,
    explain: expired,
  },
  {
    names: LOCAL_CREDENTIALS,
    fragment: /could not load credentials from any providers/i,
    explain: missing,
  },
  {
    names: LOCAL_CREDENTIALS,
    explain: ({ message }, { flags }) => ({
      code: 'credentials-missing',
      message: `AWS credentials cannot be read: ${message}`,
      hint: `See what is configured:  ${awsCommand(['configure', 'list'], { profile: flags?.profile })}`,
    }),
  },
  {
    names: ['AccessDenied', 'AccessDeniedException'],
    operation: 'credentials',
    fragment: /MultiFactorAuthentication failed/i,
    explain: ({ message }) => ({
      code: 'mfa-invalid',
      message: `AWS does not accept the MFA code: ${message}`,
      hint: 'A code works once and for half a minute: wait for the next one and try again.',
    }),
  },
  {
    names: ['AccessDenied', 'AccessDeniedException'],
    operation: 'credentials',
    explain: ({ message }, { flags }) => ({
      code: 'role-denied',
      message: `The role of ${flags?.profile === undefined ? 'the profile' : `profile ${flags.profile}`} cannot be assumed: ${message}`,
      hint: "The source profile needs sts:AssumeRole on the role, and the role's trust policy has to name it.",
    }),
  },
  { names: ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'], explain: expired },
  {
    names: [
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidClientTokenIdException',
      'AuthFailure',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'IncompleteSignature',
      'IncompleteSignatureException',
    ],
    explain: ({ message }, { region, flags }) => ({
      code: 'credentials-invalid',
      message: `AWS does not accept these credentials${region === undefined ? '' : ` in ${region}`}: ${message}`,
      hint: `Check --profile and --region (a region that is not enabled for the account answers so too):  ${awsCommand(['sts', 'get-caller-identity'], flags)}`,
    }),
  },
  {
    names: ['OptInRequired'],
    explain: ({ message }, { region }) => ({
      code: 'region-not-enabled',
      message: `The account may not use ${region ?? 'this region'}: ${message}`,
      hint: 'Choose another region with --region, or enable this one for the account.',
    }),
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    explain: clockSkew,
  },
  {
    names: ['InvalidSignatureException', 'SignatureDoesNotMatch'],
    fragment: /signature (?:expired|not yet current)/i,
    explain: clockSkew,
  },
  {
    names: ['InvalidSignatureException', 'SignatureDoesNotMatch'],
    explain: ({ message }) => ({
      code: 'signature-mismatch',
      message: `AWS does not accept the signature: ${message}`,
      hint: 'The secret access key does not belong to the access key, or something on the way changes requests.',
    }),
  },
];

function missing(_: ServiceFailure, { flags }: FailureContext): Explanation {
  if (flags?.profile !== undefined) {
    return {
      code: 'credentials-missing',
      message: `Profile ${flags.profile} gives no AWS credentials.`,
      hint: 'List the profiles:  aws configure list-profiles',
    };
  }
  return {
    code: 'credentials-missing',
    message: 'No AWS credentials were found.',
    hint: 'Log in (aws sso login), choose a --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  };
}

function expired({ message }: ServiceFailure, { flags }: FailureContext): Explanation {
  const login = awsCommand(['sso', 'login'], { profile: flags?.profile });
  return {
    code: 'credentials-expired',
    message: `The AWS credentials have expired: ${message}`,
    hint: `Get new ones, for example:  ${login}`,
  };
}

function clockSkew({ message }: ServiceFailure): Explanation {
  return {
    code: 'clock-skew',
    message: `The clock of this machine is off: ${message}`,
    hint: 'Set the clock, then try again.',
  };
}
