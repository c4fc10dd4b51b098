import { Writable } from 'node:stream';

/** A stream that keeps its data. */
export class BufferStream extends Writable {
  isTTY = false;
  readonly #chunks: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}

/** A stream whose reader takes one chunk at a time, controlled by the test, or goes away. */
export class SlowStream extends Writable {
  readonly taken: string[] = [];
  #pending: { readonly chunk: Buffer; readonly done: (error?: Error) => void } | undefined;

  constructor(highWaterMark: number) {
    super({ highWaterMark, autoDestroy: false });
  }

  /** The reader takes the waiting chunk. */
  take(): void {
    const pending = this.#pending;
    if (pending === undefined) throw new Error('nothing has been written');
    this.#pending = undefined;
    this.taken.push(pending.chunk.toString());
    pending.done();
  }

  /** The reader goes away while a chunk waits, or the disk is full (ENOSPC). */
  break(code = 'EPIPE'): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.done(Object.assign(new Error(`write ${code}`), { code }));
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#pending = { chunk, done };
  }
}
