import type { Readable } from 'node:stream';

export interface StdinPumpListener {
  onData(data: Uint8Array): void;
  onEnd(): void;
}

/** Reads a local stream only while there is room for more; stops touching it when closed. */
export class StdinPump {
  readonly #stream: Readable;
  readonly #onData: (data: Buffer) => void;
  readonly #onEnd: () => void;
  #hasEnded = false;

  constructor(stream: Readable, listener: StdinPumpListener) {
    this.#stream = stream;
    this.#onData = (data) => listener.onData(data);
    this.#onEnd = () => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      listener.onEnd();
    };
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    // A broken stdin (EIO of a terminal that is gone) has no more to say either. This one stays
    // after `close`: an error that nobody listens for would end the process.
    stream.on('error', this.#onEnd);
    // A stream that was paused, after a question at the terminal, does not start by itself.
    stream.resume();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): void {
    this.#hasEnded = true;
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.pause();
  }
}
