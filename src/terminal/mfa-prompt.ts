import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { EcshError } from '#domain/errors/errors.ts';

/** AssumeRole and GetSessionToken take six digits (STS API, TokenCode). */
const CODE = /^\d{6}$/;

export interface MfaPrompt {
  /** Why ecsh cannot ask; undefined if it can. */
  readonly obstacle: string | undefined;
  /** AWS did not accept the previous code. */
  readonly wasRejected?: boolean;
  /** The terminal's keyboard, opened only for this question. */
  readonly openInput: () => TerminalKeyboard;
  /** The stream for the question, never stdout. */
  readonly output: Writable;
}

export interface TerminalKeyboard {
  readonly input: Readable;
  close(): void;
}

/**
 * Asks for the code of an MFA device on one line of the terminal.
 *
 * @throws EcshError `mfa-required`
 */
export async function askMfaCode(serial: string, prompt: MfaPrompt): Promise<string> {
  if (prompt.obstacle !== undefined) throw required(serial, prompt.obstacle);
  const keyboard = openOrFail(serial, prompt);
  if (prompt.wasRejected) prompt.output.write('AWS rejected the code. Wait for the next one.\n');
  try {
    return await readCode(serial, keyboard, prompt.output);
  } finally {
    keyboard.close();
  }
}

/** Asks until the answer looks like a code, so that a typing error does not reach AWS. */
async function readCode(
  serial: string,
  { input }: TerminalKeyboard,
  output: Writable,
): Promise<string> {
  for (;;) {
    const answer = await readLine(`MFA code of ${printable(serial)}: `, input, output);
    const code = answer?.trim() ?? '';
    if (code === '') throw required(serial, 'none was given');
    if (CODE.test(code)) return code;
    output.write('A code has six digits.\n');
  }
}

/** stdin may be a file, so this asks on the terminal itself, and reads nothing of stdin. */
export function openKeyboard(): TerminalKeyboard {
  const input = new ReadStream(openSync('/dev/tty', 'r'));
  return { input, close: () => input.destroy() };
}

function openOrFail(serial: string, { openInput }: MfaPrompt): TerminalKeyboard {
  try {
    return openInput();
  } catch (cause) {
    throw required(serial, 'there is no terminal to ask on', cause);
  }
}

/** Undefined if the input ends first. */
function readLine(
  question: string,
  input: Readable,
  output: Writable,
): Promise<string | undefined> {
  output.write(question);
  // Without `output` readline leaves echo and line editing to the terminal.
  const lines = createInterface({ input, terminal: false });
  return new Promise((resolve) => {
    let answer: string | undefined;
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('close', () => resolve(answer));
  });
}

function required(serial: string, obstacle: string, cause?: unknown): EcshError {
  return new EcshError(
    'mfa-required',
    `The profile needs a code of the MFA device ${printable(serial)}, and ${obstacle}.`,
    {
      hint: 'Run ecsh on a terminal, or put credentials of  aws sts get-session-token --serial-number … --token-code …  into the environment.',
      cause,
    },
  );
}

/** The serial comes from the user's config, so only printable ASCII goes to the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
