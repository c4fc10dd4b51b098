import type { SessionOptions } from '#commands/session-start.ts';
import type { SharedOptions } from '#commands/shared-options.ts';

export interface ShellOptions extends SharedOptions, SessionOptions {
  /** Undefined: to be chosen at the terminal. */
  readonly target?: string | undefined;
  readonly workdir?: string | undefined;
  /** `none`, or one character. */
  readonly escapeChar: string;
}
