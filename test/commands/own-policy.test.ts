import { describe, expect, it } from 'vitest';
import { withOwnPolicy } from '#commands/own-policy.ts';
import { EcshError } from '#domain/errors/errors.ts';

const shared = { color: 'auto', profile: 'ops', given: { profile: 'ops' } } as const;

function hintOf(command: string | undefined, deniedAction: string | undefined, hint: string) {
  const denied = deniedAction === undefined ? {} : { deniedAction };
  const error = new EcshError('access-denied', 'No.', { hint, ...denied });
  return withOwnPolicy(error, command, shared).hint;
}

describe('a missing permission', () => {
  it.each([
    ['run', 'ecs:RunTask', 'ecsh policy run TARGET --profile ops'],
    ['restart', 'ecs:UpdateService', 'ecsh policy restart --profile ops'],
    ['stop', 'ecs:StopTask', 'ecsh policy stop --profile ops'],
    ['logs', 'logs:FilterLogEvents', 'ecsh policy logs --profile ops'],
    ['sessions', 'ssm:DescribeSessions', 'ecsh policy sessions --profile ops'],
    ['exec', 'ecs:UpdateTaskProtection', 'ecsh policy protect --profile ops'],
  ])('of %s is in its own policy: %s', (command, action, policy) => {
    const hint = `Allow ${action}.\nThe policy for it:  ecsh policy enable`;
    expect(hintOf(command, action, hint)).toBe(`Allow ${action}.\nThe policy for it:  ${policy}`);
    expect(hintOf(command, action, `Allow ${action}.`)).toBe(hintOf(command, action, hint));
  });

  it.each([
    ['a session', 'run', 'ecs:ExecuteCommand', 'Allow it.'],
    ['an explicit deny', 'run', 'ecs:RunTask', 'Ask the owner of that policy.'],
    ['a command without a policy of its own', 'enable', 'ecs:RunTask', 'Allow it.'],
    ['no command', undefined, 'ecs:ListTasks', 'Allow it.'],
    ['another failure', 'run', undefined, 'Allow it.'],
  ])('keeps its hint: %s', (_, command, action, hint) => {
    expect(hintOf(command, action, hint)).toBe(hint);
  });
});
