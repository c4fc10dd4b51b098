import { Writable } from 'node:stream';

/** Keeps in memory what is written to it. */
export class Capture extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
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
}
