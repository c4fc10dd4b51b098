import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { awsFlags, type SharedOptions } from './shared-options.ts';

/** Commands with a template of their name under `ecsh policy`, and the words that it needs. */
const OWN_POLICIES: Readonly<Record<string, readonly string[]>> = {
  describe: ['describe'],
  logs: ['logs'],
  restart: ['restart'],
  run: ['run', 'TARGET'],
  sessions: ['sessions'],
  stop: ['stop'],
};

/** Templates for single permissions of a session, whichever command opens it. */
const OF_SESSIONS = /^(?:ecs:ExecuteCommand|ssm:StartSession|kms:.*)$/;
const OF_PROTECTION = /^ecs:(?:Get|Update)TaskProtection$/;
const POLICY_LINE = /\nThe policy for it: .*$/;

/** The error with the policy that grants all that the command calls, if a permission is missing. */
export function withOwnPolicy(
  error: EcshError,
  command: string | undefined,
  shared: SharedOptions,
): EcshError {
  const { deniedAction, hint = '' } = error;
  if (deniedAction === undefined || OF_SESSIONS.test(deniedAction)) return error;
  const words = OF_PROTECTION.test(deniedAction) ? ['protect'] : OWN_POLICIES[command ?? ''];
  // An explicit deny is lifted by no further policy.
  if (words === undefined || !hint.startsWith('Allow ')) return error;
  const policy = ecshCommand(['policy', ...words], awsFlags(shared));
  const { code, message, exitCode, retryable, cause } = error;
  return new EcshError(code, message, {
    hint: `${hint.replace(POLICY_LINE, '')}\nThe policy for it:  ${policy}`,
    exitCode,
    retryable,
    deniedAction,
    cause,
  });
}
