import type { Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';

/** How `--json` tells a failure of ours; keys are stable. */
export interface FailureReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

export function describeFailure({ code, message, hint }: EcshError): FailureReport {
  return { code, message, hint: hint ?? null };
}

/** One object, one line: many of them can be read one by one. */
export function writeJsonLine(stream: Writable, value: unknown): void {
  stream.write(`${JSON.stringify(value)}\n`);
}
