import { ExitStatus } from '#domain/errors/exit-status.ts';
import { type ErrorCode, errorEntry } from '#domain/errors/table/error-table.ts';

/** These exit with the remote side's status, so our own failures get one that few programs use. */
const SESSION_COMMANDS: readonly string[] = [
  'shell',
  'exec',
  'run',
  'cp',
  'connect',
  'forward',
  'ssh-proxy',
];
/** Exit status of ecsh when it fails itself (`ecsh help exit-status`); without a command, that of `shell`. */
export function ownStatus(code: ErrorCode, command = 'shell'): number {
  if (SESSION_COMMANDS.includes(command)) return ExitStatus.failure;
  return errorEntry(code)?.isUsage ? 2 : 1;
}
