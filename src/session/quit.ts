/** Cancellation in two steps: graceful, then forced. */
export interface QuitSignals {
  /** First request: end what may have begun, which takes a few seconds at most. */
  readonly signal: AbortSignal;
  /** Second request: exit at once; the guard ends what is left. */
  readonly forced: AbortSignal;
}

/** Ctrl-C, and Ctrl-C again. */
export class Quit implements QuitSignals {
  readonly #asked = new AbortController();
  readonly #forced = new AbortController();

  get signal(): AbortSignal {
    return this.#asked.signal;
  }

  get forced(): AbortSignal {
    return this.#forced.signal;
  }

  ask(): void {
    this.#asked.abort();
  }

  /** As `ask`; the second time, forced. */
  insist(): void {
    (this.#asked.signal.aborted ? this.#forced : this.#asked).abort();
  }
}
