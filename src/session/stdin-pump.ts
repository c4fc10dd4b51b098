import type { Readable } from 'node:stream';

export interface StdinPumpListener {
  onData(data: Uint8Array): void;
  onEnd(): void;
}

/** Reads a local stream only while there is room for more; stops touching it when closed. */
export class StdinPump {
  readonly #stream: Readable;
  readonly #listeners: { readonly event: string; readonly run: (data: Buffer) => void }[];

  constructor(stream: Readable, listener: StdinPumpListener) {
    this.#stream = stream;
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      listener.onEnd();
    };
    this.#listeners = [
      { event: 'data', run: (data) => listener.onData(data) },
      { event: 'end', run: end },
      // A broken stdin (EIO of a terminal that is gone) has no more to say either.
      { event: 'error', run: end },
    ];
    for (const { event, run } of this.#listeners) stream.on(event, run);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): void {
    for (const { event, run } of this.#listeners) this.#stream.off(event, run);
    this.#stream.pause();
  }
}
