export interface SendWindowLimits {
  /** Messages at first, and at least (S-11). */
  readonly least: number;
  readonly most: number;
}

/**
 * How many messages may stand unacknowledged. A long way needs many of them under way at once, and
 * a slow reader must not be flooded (S-11): so only answers make it larger, and a resend halves it.
 */
export class SendWindow {
  readonly #limits: SendWindowLimits;
  #size: number;

  constructor(limits: SendWindowLimits) {
    this.#limits = limits;
    this.#size = limits.least;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * A message was answered in time, as one of `outstanding`. Answers to a few messages
   * at a time, such as keys, do not show how a full window would fare.
   */
  grow(outstanding: number): void {
    if (outstanding < this.#size / 2) return;
    this.#size = Math.min(this.#limits.most, this.#size + 1);
  }

  shrink(): void {
    this.#size = Math.max(this.#limits.least, Math.floor(this.#size / 2));
  }
}
