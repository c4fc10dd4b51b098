import type { SessionOptions } from '#commands/session-start.ts';
import type { SharedOptions } from '#commands/shared-options.ts';

export interface ForwardOptions extends SharedOptions, SessionOptions {
  /** TARGET, unless it is to be chosen, and what to forward. */
  readonly words: readonly string[];
  /** An IP address, or `localhost`: that of IPv4 and that of IPv6. */
  readonly address: string;
  /** What to run meanwhile; empty: nothing. */
  readonly command: readonly string[];
}
