import type { Clock } from '#domain/ports/system-ports.ts';

/** The machine's time, but monotonic: a wall clock that is set back would stop resends for as long. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
