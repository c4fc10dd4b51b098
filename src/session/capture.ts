import { Writable } from 'node:stream';

/** The size of the first block (bytes). Each later block is as large as all earlier ones together, up to MAX_BLOCK. */
const MIN_BLOCK = 4_096;
const MAX_BLOCK = 1_048_576;

/** Copies everything written to it into blocks, because a small chunk can keep the memory of a whole message alive. */
export class Capture extends Writable {
  #full: Buffer[] = [];
  #size = 0;
  #block = Buffer.alloc(0);
  #used = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (let copied = 0; copied < chunk.length; ) {
      if (this.#used === this.#block.length) this.#addBlock();
      const count = chunk.copy(this.#block, this.#used, copied);
      copied += count;
      this.#used += count;
      this.#size += count;
    }
    done();
  }

  get bytes(): Buffer {
    const last = this.#block.subarray(0, this.#used);
    const whole = this.#full.length === 0 ? last : Buffer.concat([...this.#full, last]);
    this.#full = [];
    this.#block = whole;
    this.#used = whole.length;
    return whole;
  }

  get isText(): boolean {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(this.bytes);
      return true;
    } catch {
      return false;
    }
  }

  override toString(encoding: 'utf8' | 'base64' = 'utf8'): string {
    return this.bytes.toString(encoding);
  }

  #addBlock(): void {
    if (this.#used > 0) this.#full.push(this.#block);
    const size = Math.min(Math.max(this.#size, MIN_BLOCK), MAX_BLOCK);
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#used = 0;
  }
}
