import type { Explanation, FailureRule, ServiceFailure } from './failure-rule.ts';

const OPERATION = 'GenerateDataKey';

/** Why kms:GenerateDataKey returns no key for an encrypted session (PROTOCOL 6.1). */
export const KMS_RULES: readonly FailureRule[] = [
  {
    names: ['DisabledException'],
    operation: OPERATION,
    explain: (failure) => ({
      code: 'kms-key-disabled',
      message: `The key is disabled (${failure.message})`,
      hint: 'Enable it:  aws kms enable-key --key-id KEY  or give the cluster another key.',
    }),
  },
  {
    names: ['NotFoundException'],
    operation: OPERATION,
    explain: (failure) => ({
      code: 'kms-key-not-found',
      message: `The key does not exist in its account and region (${failure.message})`,
      hint: 'Give the cluster a key that exists, in the configuration of ECS Exec.',
    }),
  },
  {
    names: ['KMSInvalidStateException'],
    operation: OPERATION,
    explain: unusable,
  },
];

/** Usually the key is waiting for its deletion. */
function unusable({ message }: ServiceFailure): Explanation {
  return {
    code: 'kms-key-unusable',
    message: `The key is in a state in which it cannot be used (${message})`,
    hint: /pending deletion/i.test(message)
      ? 'Keep it:  aws kms cancel-key-deletion --key-id KEY  and enable it; or give the cluster another key.'
      : 'See which:  aws kms describe-key --key-id KEY',
  };
}
