import { Writable } from 'node:stream';

/** Bytes of stdout that become an output: it has to fit a variable of a later step, and Linux takes 128 KiB. */
export const STDOUT_LIMIT = 100 * 1024;
/** Bytes of each stream in the step summary. */
export const SUMMARY_LIMIT = 4 * 1024;

/** Writes to the log what is written to it, and keeps its beginning and its end. */
export class Tee extends Writable {
  length = 0;
  #first = [];
  #last = Buffer.alloc(0);

  _write(chunk, _encoding, done) {
    const room = STDOUT_LIMIT - this.length;
    if (room > 0) this.#first.push(chunk.subarray(0, room));
    this.length += chunk.length;
    this.#last = Buffer.concat([this.#last, chunk]).subarray(-SUMMARY_LIMIT);
    process.stdout.write(chunk, () => done());
  }

  /** The first bytes, up to STDOUT_LIMIT. */
  get head() {
    return Buffer.concat(this.#first);
  }

  /** The last bytes, up to SUMMARY_LIMIT. */
  get tail() {
    return this.#last;
  }
}

/** The text of the first bytes, without a character that is cut in two. */
export function headText(bytes, limit) {
  const whole = bytes.length <= limit;
  return new TextDecoder().decode(bytes.subarray(0, limit), { stream: !whole });
}

/** The text of the last bytes, without a character that is cut in two. */
export function tailText(bytes, isWhole) {
  if (isWhole) return bytes.toString();
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return bytes.subarray(Math.max(0, start)).toString();
}
