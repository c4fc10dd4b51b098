/** F-6. */
const MAX_INPUT_PAYLOAD = 1024;

/** Waiting input, split into payloads, without a copy. */
export class InputQueue {
  #payloads: Uint8Array[] = [];
  #first = 0;

  get isEmpty(): boolean {
    return this.#first === this.#payloads.length;
  }

  /** F-5: an empty payload cannot be encoded, and nothing means nothing. */
  push(data: Uint8Array): void {
    for (let start = 0; start < data.length; start += MAX_INPUT_PAYLOAD) {
      this.#payloads.push(data.subarray(start, start + MAX_INPUT_PAYLOAD));
    }
  }

  /** Inserts a payload before all waiting ones. */
  unshift(payload: Uint8Array): void {
    this.#payloads = [payload, ...this.#payloads.slice(this.#first)];
    this.#first = 0;
  }

  take(): Uint8Array | undefined {
    const payload = this.#payloads[this.#first];
    if (payload === undefined) return undefined;
    this.#first += 1;
    if (this.isEmpty) this.clear();
    return payload;
  }

  clear(): void {
    this.#payloads = [];
    this.#first = 0;
  }
}
