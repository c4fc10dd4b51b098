import type { Clock } from '#domain/ports/system-ports.ts';

/** How long to wait for a stalled local reader once we were asked to end (ms). */
export const READER_LIMIT_MS = 2_000;

/** For `OutputSink.close`: limits the wait for a stalled reader after a signal or an abort. */
export class ReaderLimit {
  readonly passed: Promise<void>;
  readonly #clock: Clock;
  #pass: () => void = () => undefined;
  #isRunning = false;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.passed = new Promise((resolve) => {
      this.#pass = resolve;
    });
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#cancel = this.#clock.after(READER_LIMIT_MS, this.#pass);
  }

  cancel(): void {
    this.#cancel();
  }
}
