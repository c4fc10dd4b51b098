import { ExitStatus } from '#domain/errors/exit-status.ts';

/** Their exit status is the remote side's, so what is ours has one that few programs use. */
const SESSION_COMMANDS: readonly string[] = ['shell', 'exec', 'cp', 'forward'];
/** Words, variables or keys of the file that cannot be. */
const WRONG_USAGE: readonly string[] = [
  'usage',
  'target-invalid',
  'container-conflict',
  'variable-invalid',
  'config-invalid',
];

/** What ecsh exits with when it fails itself (`ecsh help exit-status`); without a command it is `shell`. */
export function ownStatus(code: string, command = 'shell'): number {
  if (SESSION_COMMANDS.includes(command)) return ExitStatus.failure;
  return WRONG_USAGE.includes(code) ? 2 : 1;
}
