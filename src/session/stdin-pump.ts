import type { Readable } from 'node:stream';

export interface StdinPumpListener {
  onData(data: Uint8Array): void;
  onEnd(): void;
  /** What is still to come cannot be read; `onEnd` does not follow. */
  onBroken(cause: Error): void;
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
    this.#onEnd = () => this.#end(() => listener.onEnd());
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    // This one stays after `close`: an error that nobody listens for would end the process.
    stream.on('error', (cause) => this.#end(() => listener.onBroken(cause)));
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

  #end(tell: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    tell();
  }
}
