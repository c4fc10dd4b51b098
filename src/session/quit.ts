/** How far somebody who wants no session any more has gone. */
export interface QuitSignals {
  /** Asked once: what may have begun is ended, which takes seconds at the most. */
  readonly signal: AbortSignal;
  /** Asked again: at once, and what is left behind is left to the guard. */
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

  /** As `ask`, and the second time for good. */
  insist(): void {
    (this.#asked.signal.aborted ? this.#forced : this.#asked).abort();
  }
}
