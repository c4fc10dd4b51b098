import type { Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';

/** An `EcshError` as `--json` prints it; keys are stable. */
export interface FailureReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

export function describeFailure({ code, message, hint }: EcshError): FailureReport {
  return { code, message, hint: hint ?? null };
}

/** Characters that JSON leaves as they are although a terminal obeys them: C1 controls, marks that reorder text. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JSON that a terminal can show: `JSON.stringify` with the same arguments, and no character that a terminal obeys. */
export function jsonText(value: unknown, replacer?: Replacer, indent?: number): string {
  return JSON.stringify(value, replacer, indent).replace(UNSAFE, escaped);
}

type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/** One object, one line: many of them can be read one by one. */
export function writeJsonLine(stream: Writable, value: unknown): void {
  stream.write(`${jsonText(value)}\n`);
}
