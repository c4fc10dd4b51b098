import type { Clock } from '#domain/ports/system-ports.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that only the test advances. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #start = 1_735_689_600_000;
  #now = this.#start;

  now(): number {
    return this.#now;
  }

  /** Milliseconds since the clock was created. */
  get elapsed(): number {
    return this.#now - this.#start;
  }

  /** The milliseconds until each timer runs. */
  get timers(): readonly number[] {
    return [...this.#timers].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs due timers in order, and lets promises settle in between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

/** Runs everything that only waits for promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
