export interface SendWindowLimits {
  /** The initial and minimum number of messages (S-11). */
  readonly least: number;
  readonly most: number;
}

/**
 * The number of messages that may be unacknowledged. A long round trip needs many of them in transit, but a slow
 * reader must not be flooded (S-11): so only answers enlarge it, and a resend halves it.
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
   * A message was answered in time, one of `outstanding`. Answers to a few messages at a time, such as keys, do not
   * show how a full window would work.
   */
  grow(outstanding: number): void {
    if (outstanding < this.#size / 2) return;
    this.#size = Math.min(this.#limits.most, this.#size + 1);
  }

  shrink(): void {
    this.#size = Math.max(this.#limits.least, Math.floor(this.#size / 2));
  }
}
