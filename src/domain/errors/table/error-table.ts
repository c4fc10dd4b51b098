import { AWS_ERRORS } from './aws-errors.ts';
import type { ErrorEntry } from './error-entry.ts';
import { FORWARD_ERRORS } from './forward-errors.ts';
import { ROLLOUT_ERRORS } from './rollout-errors.ts';
import { SESSION_ERRORS } from './session-errors.ts';
import { TARGET_ERRORS } from './target-errors.ts';
import { USAGE_ERRORS } from './usage-errors.ts';

/**
 * Every ecsh failure by its stable code. The docs, `ecsh help CODE`, exit statuses and the type
 * `ErrorCode` are generated from this table.
 */
export const ERRORS = {
  ...AWS_ERRORS,
  ...TARGET_ERRORS,
  ...SESSION_ERRORS,
  ...FORWARD_ERRORS,
  ...ROLLOUT_ERRORS,
  ...USAGE_ERRORS,
};

/** Scripts and users of the library match on these codes, so never rename one. */
export type ErrorCode = keyof typeof ERRORS;

/** The entry of `code`, or undefined if ecsh has no such code. */
export function errorEntry(code: string): ErrorEntry | undefined {
  return isErrorCode(code) ? ERRORS[code] : undefined;
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
