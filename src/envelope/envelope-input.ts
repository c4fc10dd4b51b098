import type { EndSignal } from '#domain/ports/system-ports.ts';
import { MAX_LINE } from './numbered-lines.ts';

/** Run the command now. */
export const GO = 'V';
/** `GO` as `NumberedLines` sends it where nothing comes before it. */
export const FIRST_GO = ':1V\n';
/** Stop although something still holds the command's output open. */
export const QUIT = 'Q';
/** A name that no variable has: the script of `sh -c`, which replaces the third word of the command. */
export const SCRIPT = '';

/**
 * Lines for `NumberedLines` that set variables. Their values travel here and not in the command string,
 * which CloudTrail keeps (DESIGN 3, Audit).
 */
export function environmentLines(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    boundedLines(`${name}=${escapeForPercentB(Buffer.from(value))}`),
  );
}

export function signalLine(signal: EndSignal | 'SIGKILL', pid: number): string {
  return `K${signal.slice('SIG'.length)} ${pid}`;
}

/** `W` continues the line before. */
function boundedLines(text: string): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; start += MAX_LINE - 1) {
    lines.push(`${start === 0 ? 'V' : 'W'}${text.slice(start, start + MAX_LINE - 1)}`);
  }
  return lines;
}

/** Everything but letters and digits as \0ooo, so that no byte has a meaning for sh. */
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
