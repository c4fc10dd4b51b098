const PREFIX_BYTES = 4;
/** A prelude of 12 bytes and a checksum of 4, without headers and payload (Amazon event stream encoding). */
const MIN_BYTES = 16;

/** Follows a stream of `vnd.amazon.eventstream` messages, each of which begins with its length (4 bytes, big-endian). */
export class EventLengths {
  readonly #most: number;
  /** The bytes of the length that have arrived, as a number, and their count. */
  #length = 0;
  #prefix = 0;
  /** Bytes until the next message. */
  #left = 0;

  /** @param most maximum bytes of one message */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns false at a message that declares too few or too many bytes; the stream must end then */
  accept(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      this.#length = this.#length * 256 + (chunk[at] ?? 0);
      this.#prefix += 1;
      at += 1;
      if (this.#prefix < PREFIX_BYTES) continue;
      if (this.#length < MIN_BYTES || this.#length > this.#most) return false;
      this.#left = this.#length - PREFIX_BYTES;
      this.#length = 0;
      this.#prefix = 0;
    }
    return true;
  }
}
