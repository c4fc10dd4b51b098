import { EcshError } from '#domain/errors/errors.ts';
import type { TerminalSize } from '#domain/ports/terminal-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { isWindows } from '#domain/resolve/selection.ts';
import { createTerminalCommand, WINDOWS_SHELL } from '#envelope/terminal-command.ts';

/** The command that the user wants to run on a terminal. */
export interface InteractiveCommand {
  readonly target: ReadyTarget;
  /** Undefined means a shell. */
  readonly argv: readonly string[] | undefined;
  /** Send `argv` unchanged, for images without sh: the status is then unknown. */
  readonly isBare: boolean;
  readonly directory: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** `TERM` of the local terminal. */
  readonly term: string | undefined;
}

/** Whether the command runs without our script: no variables, no directory, no status. */
export function runsBare({ isBare, target }: InteractiveCommand): boolean {
  return isBare || isWindows(target.task);
}

/** Whether the command waits for its variables. */
export function awaitsVariables({ environment }: InteractiveCommand): boolean {
  return Object.keys(environment).length > 0;
}

/**
 * The argument vector for ExecuteCommand.
 *
 * @throws EcshError `windows-needs-command` for variables or a directory in a Windows container
 */
export function interactiveArgv(
  command: InteractiveCommand,
  { nonce, size }: { readonly nonce: string; readonly size: TerminalSize },
): readonly string[] {
  const { target, argv, directory, term } = command;
  const waits = awaitsVariables(command);
  if (isWindows(target.task) && (waits || directory !== undefined)) throw windowsNeedsCommand();
  if (runsBare(command)) return argv ?? WINDOWS_SHELL;
  return createTerminalCommand({ nonce, term, size, directory, waits, argv });
}

function windowsNeedsCommand(): EcshError {
  return new EcshError(
    'windows-needs-command',
    'Variables and a directory cannot be set in a Windows container.',
    { hint: 'Set them within the command:  powershell.exe -Command "…"' },
  );
}
