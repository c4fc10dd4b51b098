import type { Clock, Signals } from '#domain/ports/system-ports.ts';

export interface TimeLimit {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Given: Ctrl-C ends the waiting, and not the process. */
  readonly signals?: Signals | undefined;
}

/** The result of the work; undefined if it takes too long or the wait is cancelled. */
export async function within<T>(
  { clock, limitMs, signals }: TimeLimit,
  work: Promise<T>,
): Promise<T | undefined> {
  const releases: (() => void)[] = [];
  const givenUp = new Promise<undefined>((resolve) => {
    const giveUp = () => resolve(undefined);
    releases.push(clock.after(limitMs, giveUp));
    if (signals !== undefined) releases.push(signals.on('SIGINT', giveUp));
  });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    for (const release of releases) release();
    // A late failure has no listener left.
    work.catch(() => undefined);
  }
}
