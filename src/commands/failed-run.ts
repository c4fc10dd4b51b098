import { type Command, CommanderError } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { Cancellation } from './cancellation.ts';
import type { Invocation } from './invocation.ts';
import { ownStatus } from './own-status.ts';
import { usageFailure, withMeantCommand } from './usage-failure.ts';

interface FailedRun {
  readonly program: Command;
  /** Undefined: the first word names none. */
  readonly command: string | undefined;
  readonly invocation: Invocation;
}

/** Says why a run ended early, where there is something to say; returns the exit status. */
export function tellFailure(error: unknown, { program, command, invocation }: FailedRun): number {
  if (error instanceof CommanderError) {
    // commander has shown the help that was asked for.
    if (error.exitCode === 0) return ExitStatus.ok;
    invocation.fail(usageFailure(error, program, command));
    return ownStatus('usage', command);
  }
  if (error instanceof Cancellation) return signalStatus(error.by);
  if (error instanceof EcshError) {
    invocation.fail(withMeantCommand(error, program, command));
    return error.exitCode === ExitStatus.failure ? ownStatus(error.code, command) : error.exitCode;
  }
  invocation.failWithBug(error);
  return ownStatus('bug', command);
}
