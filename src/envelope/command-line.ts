import { EcshError } from '#domain/errors/errors.ts';

/** C-5: AWS publishes no limit. Longer commands are known to work, but this length is known to be safe. */
const MAX_COMMAND_BYTES = 32 * 1024;

/**
 * Encodes an argument vector as the single string that ExecuteCommand takes, so that the agent's
 * lexer (PROTOCOL 8.3) splits it into the same vector. No shell is involved (C-1).
 *
 * @throws EcshError `command-empty`, `command-has-nul` (C-3), `command-too-long` (C-5).
 */
export function quoteCommand(argv: readonly string[]): string {
  if (argv.length === 0) {
    throw new EcshError('command-empty', 'There is no command to run.', {
      hint: 'Name it after --, for example:  ecsh exec demo/web -- ls -l',
    });
  }
  const command = argv.map(quoteArgument).join(' ');
  const length = Buffer.byteLength(command);
  if (length > MAX_COMMAND_BYTES) {
    throw new EcshError(
      'command-too-long',
      `The command is ${length} bytes long; ECS Exec takes up to ${MAX_COMMAND_BYTES} safely.`,
      { hint: 'Send the long part as input with -i; a script may be longer with --sh.' },
    );
  }
  return command;
}

/**
 * Plain words stay unquoted, so that an auditor can read the command in CloudTrail.
 *
 * @throws EcshError `command-has-nul` (C-3), `command-not-utf8`
 */
export function quoteArgument(argument: string): string {
  if (!argument.isWellFormed()) {
    throw new EcshError(
      'command-not-utf8',
      `The argument "${argument.toWellFormed()}" is not UTF-8, and AWS takes only text.`,
      { hint: 'Send such bytes as input with -i, or write them for printf in a script of --sh.' },
    );
  }
  if (argument.includes('\0')) {
    throw new EcshError('command-has-nul', 'An argument contains a NUL character.', {
      hint: 'No program can be given one; send such data as input with -i.',
    });
  }
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  const quoted = `'${argument.replaceAll("'", "'\\''")}'`;
  // C-4: {{ }} has a special meaning in SSM documents; adjacent quoted parts are joined again.
  return quoted.replaceAll(/\{(?=\{)/g, "{''");
}
