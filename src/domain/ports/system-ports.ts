/** What every command may need of the operating system. */

/** Milliseconds since the epoch and one-shot timers; a manual clock in tests. */
export interface Clock {
  now(): number;
  /** Returns the function that cancels the timer. */
  after(milliseconds: number, run: () => void): () => void;
}

/** Signals that end a session early; a port so that tests can send them. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof END_SIGNALS)[number];

export interface Signals {
  /** Takes over from the default action of the process; returns the function that gives it back. */
  on(signal: EndSignal | 'SIGTSTP' | 'SIGCONT', handler: () => void): () => void;
  /** Stops this process as SIGTSTP would, until SIGCONT. */
  suspend(): void;
}

/** Small files of our own: configuration, the last target, what completion remembers. */
export interface Files {
  /** Undefined: there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Whole or not at all, for the user's eyes only; makes its folder. */
  write(path: string, text: string): Promise<void>;
}
