import { CommanderError } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { Cancellation } from './cancellation.ts';
import type { Invocation } from './invocation.ts';
import { ownStatus } from './own-status.ts';
import { type TypedWords, usageFailure, withMeantCommand } from './usage-failure.ts';

interface FailedRun extends TypedWords {
  readonly invocation: Invocation;
}

/** Reports why a run ended early, if there is a reason to report; returns the exit status. */
export function reportFailure(error: unknown, { invocation, ...typed }: FailedRun): number {
  const { command } = typed.line;
  if (error instanceof CommanderError) {
    // commander has shown the help that was asked for.
    if (error.exitCode === 0) return ExitStatus.ok;
    invocation.fail(usageFailure(error, typed));
    return ownStatus('usage', command);
  }
  if (error instanceof Cancellation) return signalStatus(error.by);
  if (error instanceof EcshError) {
    invocation.fail(withMeantCommand(error, typed));
    return error.exitCode === ExitStatus.failure ? ownStatus(error.code, command) : error.exitCode;
  }
  invocation.failWithBug(error);
  return ownStatus('bug', command);
}
