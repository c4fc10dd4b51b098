import { AWS_ERRORS } from './aws-errors.ts';
import type { ErrorEntry } from './error-entry.ts';
import { FORWARD_ERRORS } from './forward-errors.ts';
import { ROLLOUT_ERRORS } from './rollout-errors.ts';
import { SESSION_ERRORS } from './session-errors.ts';
import { TARGET_ERRORS } from './target-errors.ts';
import { USAGE_ERRORS } from './usage-errors.ts';

/**
 * Every failure of ecsh by its stable code: docs, `ecsh help CODE`, exit statuses and the type
 * `ErrorCode` come from here.
 */
export const ERRORS = {
  ...AWS_ERRORS,
  ...TARGET_ERRORS,
  ...SESSION_ERRORS,
  ...FORWARD_ERRORS,
  ...ROLLOUT_ERRORS,
  ...USAGE_ERRORS,
};

/** Scripts and callers of the library compare with these: none is ever renamed. */
export type ErrorCode = keyof typeof ERRORS;

/** The entry of `code`, or undefined if ecsh has no such code. */
export function errorEntry(code: string): ErrorEntry | undefined {
  return isErrorCode(code) ? ERRORS[code] : undefined;
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
