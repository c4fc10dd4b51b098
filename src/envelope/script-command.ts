import { EcshError } from '#domain/errors/errors.ts';
import { quoteArgument } from './command-line.ts';
import { SCRIPT } from './envelope-input.ts';

/** Quoted; leaves room for the envelope and arguments in the command for ExecuteCommand (C-5). */
const MAX_SHOWN_BYTES = 20 * 1024;
/** The longest argument without its final NUL (Linux, MAX_ARG_STRLEN). */
const MAX_SCRIPT_BYTES = 128 * 1024 - 1;

export interface ScriptCommand {
  readonly argv: readonly string[];
  /** Text that is sent along with the variables. */
  readonly sent: Readonly<Record<string, string>>;
}

/**
 * `sh -c SCRIPT` with arguments. A short script stays in the command string, where an auditor can read it;
 * a long one is sent within the session and replaces the placeholder.
 *
 * @throws EcshError `command-too-long`, `command-has-nul`
 */
export function scriptCommand(script: string, args: readonly string[]): ScriptCommand {
  const call = (shown: string) => ['sh', '-c', shown, 'sh', ...args];
  const length = Buffer.byteLength(script);
  if (length > MAX_SCRIPT_BYTES) {
    throw new EcshError(
      'command-too-long',
      `The script is ${length} bytes long; Linux takes up to ${MAX_SCRIPT_BYTES} as an argument.`,
      { hint: 'Send it as input:  ecsh exec -i TARGET -- sh -s < script.sh' },
    );
  }
  const isShort = Buffer.byteLength(quoteArgument(script)) <= MAX_SHOWN_BYTES;
  if (isShort) return { argv: call(script), sent: {} };
  // If the placeholder ever runs, it must fail.
  const placeholder = `exit 255 # for a script of ${length} bytes, sent within the session`;
  return { argv: call(placeholder), sent: { [SCRIPT]: script } };
}
