import type { SessionOptions } from '#commands/session-start.ts';
import type { SharedOptions } from '#commands/shared-options.ts';

export interface CpOptions extends SharedOptions, SessionOptions {
  /** Sources, and the destination last. */
  readonly paths: readonly string[];
  readonly recursive?: boolean | undefined;
  readonly user?: string | undefined;
  /** Milliseconds; 0 is no limit, as in timeout(1). */
  readonly timeout?: number | undefined;
}
