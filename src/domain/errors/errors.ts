import type { ErrorCode } from './table/error-table.ts';

export interface EcshErrorOptions {
  /** How to fix it: one or two sentences, or the next command to type. */
  readonly hint?: string;
  /** Process exit status; 255 unless the error table says otherwise (docs: `ecsh help exit-status`). */
  readonly exitCode?: number;
  /** The same request may succeed in a moment: `--wait` repeats it. */
  readonly retryable?: boolean;
  /** The IAM action that the caller lacks, for `access-denied`. */
  readonly deniedAction?: string;
  readonly cause?: unknown;
}

/**
 * A failure that the user can act on. Everything else that is thrown is a bug and is
 * reported as one. `code` is stable and kebab-case: scripts match on it (`--json`).
 */
export class EcshError extends Error {
  override readonly name = 'EcshError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly retryable: boolean;
  readonly deniedAction: string | undefined;

  constructor(code: ErrorCode, message: string, options: EcshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 255;
    this.retryable = options.retryable ?? false;
    this.deniedAction = options.deniedAction;
  }

  /** For logs: a plain Error would lose its message in `JSON.stringify`. */
  toJSON(): object {
    const { name, code, message, hint, exitCode } = this;
    return { name, code, message, hint, exitCode };
  }
}
