/**
 * A socket between two parts of the agent: bytes go in at one end and come out at the other, and writers wait
 * while it is full.
 */
export class BytePipe {
  readonly #capacity: number;
  readonly #chunks: Buffer[] = [];
  readonly #waiting = new Set<() => void>();
  #length = 0;
  #isEnded = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Resolves when the pipe is within its limit, or has ended. @throws if it had already ended */
  async write(data: Buffer): Promise<void> {
    if (this.#isEnded) throw new Error('the pipe has ended');
    this.#chunks.push(data);
    this.#length += data.length;
    this.#wake();
    await this.#until(() => this.#length <= this.#capacity);
  }

  /** Reads up to `most` bytes, and waits for at least one; undefined at the end. */
  async read(most: number): Promise<Buffer | undefined> {
    await this.#until(() => this.#length > 0);
    return this.#length === 0 ? undefined : this.#take(Math.min(most, this.#length));
  }

  /** Reads exactly `length` bytes; undefined if the pipe ends first. */
  async readExactly(length: number): Promise<Buffer | undefined> {
    await this.#until(() => this.#length >= length);
    return this.#length < length ? undefined : this.#take(length);
  }

  /** Rejects further writes; the remaining bytes can still be read. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #take(length: number): Buffer {
    const taken: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) break;
      if (chunk.length > missing) this.#chunks.unshift(chunk.subarray(missing));
      taken.push(chunk.subarray(0, missing));
      missing -= Math.min(chunk.length, missing);
    }
    this.#length -= length;
    this.#wake();
    return Buffer.concat(taken);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#isEnded) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
