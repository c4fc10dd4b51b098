import { Duplex } from 'node:stream';
import { FrameSplitter, type RelayFrame } from '#shared/relay-frames.ts';

/** One end of a local connection. The test is the other end, and reads nothing after `stall`. */
export class FakeDuplex extends Duplex {
  readonly #splitter = new FrameSplitter();
  readonly frames: RelayFrame[] = [];
  #isStalled = false;
  #unread: (() => void) | undefined;

  /** The other end sends these bytes. */
  receive(bytes: Uint8Array): void {
    this.push(bytes);
  }

  stall(): void {
    this.#isStalled = true;
  }

  resumeReading(): void {
    this.#isStalled = false;
    this.#unread?.();
  }

  override _read(): void {
    // The test pushes data.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = () => {
      this.frames.push(...this.#splitter.push(chunk));
      done();
    };
    if (this.#isStalled) this.#unread = take;
    else take();
  }
}
