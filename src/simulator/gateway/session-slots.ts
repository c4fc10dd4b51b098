/**
 * The agent's session workers: `limit` run at a time, one more waits, and then the control channel blocks. The
 * client only sees a session that opens and stays silent (PROTOCOL 8.1).
 */
export class SessionSlots {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves in order of arrival with a function that releases the slot. */
  async take(): Promise<() => void> {
    if (this.#used < this.#limit) this.#used += 1;
    // A released slot goes straight to the next in line.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#used -= 1;
      else next();
    };
  }
}
