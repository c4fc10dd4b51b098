import { CommanderError } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { App } from './app.ts';
import { Cancelled } from './cancelled.ts';
import { withMeantCommand, withoutKeyFile, withUserFlag } from './habits/meant-target.ts';
import type { Invocation } from './invocation.ts';
import { withMissingProfile } from './missing-profile.ts';
import { withOwnPolicy } from './own-policy.ts';
import { ownStatus } from './own-status.ts';
import { type TypedWords, usageFailure } from './usage-failure.ts';

interface FailedRun extends TypedWords {
  readonly app: App;
  readonly invocation: Invocation;
}

/** Reports why a run ended early, if there is a reason to report; returns the exit status. */
export async function reportFailure(
  error: unknown,
  { app, invocation, ...typed }: FailedRun,
): Promise<number> {
  const { command } = typed.line;
  if (error instanceof CommanderError) {
    // commander has shown the requested help.
    if (error.exitCode === 0) return ExitStatus.ok;
    invocation.fail(usageFailure(error, typed));
    return ownStatus('usage', command);
  }
  if (error instanceof Cancelled) return signalStatus(error.by);
  if (error instanceof EcshError) {
    const { shared } = invocation;
    const allowed = withOwnPolicy(error, command, shared);
    const explained = await withMissingProfile(allowed, app, shared);
    const said = withUserFlag(withoutKeyFile(explained, typed), typed);
    invocation.fail(withMeantCommand(said, typed));
    return error.exitCode === ExitStatus.failure ? ownStatus(error.code, command) : error.exitCode;
  }
  invocation.failWithBug(error);
  return ownStatus('bug', command);
}
