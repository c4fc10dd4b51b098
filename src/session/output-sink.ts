import type { Writable } from 'node:stream';

export interface OutputSinkListener {
  /** The stream is full: pause the producer. */
  onFull(): void;
  onDrain(): void;
  /** The reader has gone (EPIPE), or the stream failed in another way. */
  onBroken(error: Error): void;
}

/** A local stream for remote output. It applies backpressure, and reports when its reader has gone. */
export class OutputSink {
  readonly #stream: Writable;
  readonly #onError: (error: Error) => void;
  readonly #onDrain: () => void;
  readonly #listener: OutputSinkListener;
  #waiting: Uint8Array[] = [];
  #hasWritten = false;
  #isBroken = false;
  /** Another write to the stream failed, such as a notice of ecsh. No output is lost yet. */
  #unreported: Error | undefined;
  #isFull = false;

  constructor(stream: Writable, listener: OutputSinkListener) {
    this.#stream = stream;
    this.#listener = listener;
    this.#onError = (error) => {
      if (this.#isBroken) return;
      this.#isBroken = true;
      // Resume, so that the end of the command can arrive.
      this.#onDrain();
      if (this.#hasWritten) listener.onBroken(error);
      else this.#unreported = error;
    };
    this.#onDrain = () => {
      if (!this.#isFull) return;
      this.#isFull = false;
      listener.onDrain();
    };
    stream.on('error', this.#onError);
    stream.on('drain', this.#onDrain);
  }

  /** Collects the writes of this turn of the event loop into one system call. */
  write(data: Uint8Array): void {
    this.#hasWritten = true;
    if (this.#isBroken) {
      this.#reportLoss();
      return;
    }
    if (this.#waiting.push(data) === 1) queueMicrotask(() => this.flush());
  }

  #reportLoss(): void {
    const error = this.#unreported;
    this.#unreported = undefined;
    if (error !== undefined) this.#listener.onBroken(error);
  }

  /** Writes the collected data, so that later writes do not overtake it. */
  flush(): void {
    if (this.#isBroken || this.#waiting.length === 0) return;
    const data = Buffer.concat(this.#waiting);
    this.#waiting = [];
    if (this.#stream.write(data) || this.#isFull) return;
    this.#isFull = true;
    this.#listener.onFull();
  }

  /**
   * Resolves when all data has left this process. Waits for a slow reader, until `giveUp` resolves if it
   * is given.
   */
  async close(giveUp?: Promise<void>): Promise<void> {
    this.flush();
    if (!this.#isBroken && this.#stream.writableLength > 0) {
      // Also called with an error: do not wait for a reader that has gone.
      const written = new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
      await (giveUp === undefined ? written : Promise.race([written, giveUp]));
    }
    this.#stream.off('drain', this.#onDrain);
    this.#stream.off('error', this.#onError);
  }
}
