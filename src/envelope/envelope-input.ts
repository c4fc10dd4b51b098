import type { EndSignal } from '#domain/ports/system-ports.ts';
import { MAX_LINE } from './numbered-lines.ts';

/** Run the command now. */
export const GO = 'V';
/** `GO` as `NumberedLines` sends it if it is the first line. */
export const FIRST_GO = ':1V\n';
/** End now, even if a process still holds the command's output open. */
export const QUIT = 'Q';
/** The placeholder for the script of `sh -c`, the third argument of the command. No variable has an empty name. */
export const SCRIPT = '';

/**
 * Lines for `NumberedLines` that set variables. Values are sent in these lines instead of the command
 * string, because CloudTrail records that (DESIGN 3, Audit).
 */
export function environmentLines(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    boundedLines(`${name}=${escapeForPercentB(Buffer.from(value))}`),
  );
}

export function signalLine(signal: EndSignal | 'SIGKILL', pid: number): string {
  return `K${signal.slice('SIG'.length)} ${pid}`;
}

/** Splits a long line: `W` continues the previous one. */
function boundedLines(text: string): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; start += MAX_LINE - 1) {
    lines.push(`${start === 0 ? 'V' : 'W'}${text.slice(start, start + MAX_LINE - 1)}`);
  }
  return lines;
}

/** Encodes everything except letters and digits as \0ooo, so that no byte is special to sh. */
function escapeForPercentB(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const isPlain =
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a);
    text += isPlain ? String.fromCharCode(byte) : `\\0${octal(byte)}`;
  }
  return text;
}

export function octal(byte: number): string {
  return byte.toString(8).padStart(3, '0');
}
