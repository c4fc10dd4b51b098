/** Removes the end marker from a stream, however it is split. Bytes after the marker pass. */
export class EndFilter {
  readonly #marker: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #isEnd = false;

  constructor(marker: Buffer) {
    this.#marker = marker;
  }

  pass(bytes: Uint8Array): Buffer {
    const data = Buffer.concat([this.#held, bytes]);
    this.#held = Buffer.alloc(0);
    const at = data.indexOf(this.#marker);
    if (at !== -1) {
      this.#isEnd = true;
      return Buffer.concat([data.subarray(0, at), data.subarray(at + this.#marker.length)]);
    }
    const held = partialLength(data, this.#marker);
    this.#held = data.subarray(data.length - held);
    return data.subarray(0, data.length - held);
  }

  /** Returns bytes at the end that could have begun a marker, because no more bytes follow. */
  takeHeld(): Buffer {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }

  /** True once, after the marker has passed. */
  takeEnd(): boolean {
    const isEnd = this.#isEnd;
    this.#isEnd = false;
    return isEnd;
  }
}

/** The number of bytes at the end of `data` that may be the beginning of `marker`. */
export function partialLength(data: Buffer, marker: Buffer): number {
  const from = data.lastIndexOf(marker[0] ?? 0);
  if (from === -1 || data.length - from >= marker.length) return 0;
  const tail = data.subarray(from);
  return tail.equals(marker.subarray(0, tail.length)) ? tail.length : 0;
}
