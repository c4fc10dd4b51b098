import type { Clock } from '#domain/ports/system-ports.ts';

/** About 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's time, but monotonic: a wall clock that is set back would delay resends by as long. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after(milliseconds, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      // Node.js would run it at once, because its timers are limited to 31 bits.
      const next = () => (left > LONGEST_MS ? wait(left - LONGEST_MS) : run());
      timer = setTimeout(next, Math.min(left, LONGEST_MS));
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};
