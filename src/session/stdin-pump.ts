import type { Readable } from 'node:stream';

export interface StdinPumpListener {
  onData(data: Uint8Array): void;
  onEnd(): void;
  /** Reading failed; `onEnd` does not follow. */
  onBroken(cause: Error): void;
}

/** Reads a local stream only while there is room for more; does not touch it after `close`. */
export class StdinPump {
  readonly #stream: Readable;
  readonly #onData: (data: unknown) => void;
  readonly #onEnd: () => void;
  #hasEnded = false;

  constructor(stream: Readable, listener: StdinPumpListener) {
    this.#stream = stream;
    this.#onData = (data) => this.#pass(data, listener);
    this.#onEnd = () => this.#end(() => listener.onEnd());
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    // This listener stays after `close`, because an error without a listener would end the process.
    stream.on('error', (cause) => this.#end(() => listener.onBroken(cause)));
    // A stream that was paused, for example by a question at the terminal, does not resume automatically.
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

  /** A stream in object mode, or with an encoding, yields strings; nothing else is input. */
  #pass(data: unknown, listener: StdinPumpListener): void {
    if (this.#hasEnded) return;
    if (typeof data === 'string') listener.onData(Buffer.from(data));
    else if (data instanceof Uint8Array) listener.onData(data);
    else {
      this.#stream.pause();
      this.#end(() =>
        listener.onBroken(new TypeError(`it yields ${typeof data}s, not bytes or text`)),
      );
    }
  }

  #end(report: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    report();
  }
}
