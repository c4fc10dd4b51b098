import { Writable } from 'node:stream';

/** Enough for any real program, but keeps a container from filling our memory. */
const LIMIT_BYTES = 64 * 1024;

/** Collects the stderr of programs in the container, as lines. Text beyond the limit is dropped. */
export class Complaints extends Writable {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const part = chunk.subarray(0, LIMIT_BYTES - this.#length);
    // Copy the data: a small part would keep its whole chunk in memory.
    if (part.length > 0) this.#chunks.push(Buffer.from(part));
    this.#length += part.length;
    done();
  }

  /** The lines without the messages that `dd` always prints and that GNU tar prints at its end. */
  get lines(): readonly string[] {
    const lines = Buffer.concat(this.#chunks).toString().split('\n');
    return lines.filter((line) => line.trim() !== '' && !NOISE.test(line));
  }
}

const NOISE = /^\d+\+\d+ records|^\d+ bytes .*copied|: Exiting with failure status/;
