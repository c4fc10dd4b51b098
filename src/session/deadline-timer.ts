import type { Clock } from '#domain/ports/system-ports.ts';

/** One timer. Acknowledgements move the deadline at every frame, so it is set again only when the deadline is earlier. */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #at: number | undefined;
  #cancel: () => void = () => undefined;

  /** @param onDue may be called too early, if the deadline has moved since */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  set(deadline: number | undefined): void {
    if (deadline === undefined) return;
    if (this.#at !== undefined && this.#at <= deadline) return;
    this.cancel();
    this.#at = deadline;
    this.#cancel = this.#clock.after(Math.max(0, deadline - this.#clock.now()), () => {
      this.#at = undefined;
      this.#onDue();
    });
  }

  cancel(): void {
    this.#cancel();
    this.#at = undefined;
  }
}
