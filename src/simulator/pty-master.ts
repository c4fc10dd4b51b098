import { writeSync } from 'node:fs';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';
import type { PtyBinding } from './pty-binding.ts';

/** How long to wait before offering bytes again to a terminal whose program does not read. */
const WRITE_RETRY_MS = 3;
const READ_BUFFER = 4096;

/** The pseudo-terminal is closed: input has nowhere to go. */
class PtyClosedError extends Error {
  override readonly name = 'PtyClosedError';
}

/**
 * Node closes a terminal at a read error. The agent does not: EIO only says that no program has the
 * terminal open, and closing it would send SIGHUP to one that still runs without it.
 */
class MasterStream extends ReadStream {
  override destroy(error?: Error): this {
    if (error === undefined) return super.destroy();
    this.emit('hangup');
    return this;
  }
}

/** The agent's end of a pseudo-terminal: reads when asked to, writes without ever blocking Node. */
export class PtyMaster {
  readonly #fd: number;
  readonly #binding: PtyBinding;
  readonly #stream: MasterStream;
  #reader: ((chunk: Buffer | undefined) => void) | undefined;
  #hasEnded = false;
  #isClosed = false;

  /** `onClosed` runs when the descriptor is gone, so that its number may be reused. */
  constructor(fd: number, binding: PtyBinding, onClosed: () => void) {
    this.#fd = fd;
    this.#binding = binding;
    // A buffer of our own, and one read at a time: the rest stays in the kernel, so a program whose
    // output nobody reads blocks (PROTOCOL 8.6 item 7). The agent's reader has a buffer of this size.
    const options: SocketConstructorOpts & ConnectOpts = {
      onread: {
        buffer: Buffer.alloc(READ_BUFFER),
        callback: (length, buffer) => {
          this.#deliver(Buffer.from(buffer.subarray(0, length)));
          return false;
        },
      },
    };
    this.#stream = new MasterStream(fd, options);
    this.#stream.on('hangup', () => this.#end());
    this.#stream.on('end', () => this.#end());
    this.#stream.on('close', () => {
      this.#isClosed = true;
      this.#end();
      onClosed();
    });
  }

  /** The next bytes of output, at most what the kernel holds; undefined at the end. One call at a time. */
  read(): Promise<Buffer | undefined> {
    if (this.#hasEnded) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#stream.resume();
    });
  }

  /**
   * Settles when the kernel has taken every byte, which it does not do while the program leaves its
   * input unread.
   *
   * @throws PtyClosedError
   */
  async write(data: Uint8Array): Promise<void> {
    let rest = data;
    while (rest.length > 0) {
      if (this.#isClosed) throw new PtyClosedError('the pseudo-terminal is closed');
      rest = rest.subarray(this.#writeSome(rest));
      if (rest.length > 0) await new Promise((resolve) => setTimeout(resolve, WRITE_RETRY_MS));
    }
  }

  /** Any value the kernel takes, 0 included. */
  resize(cols: number, rows: number): void {
    if (!this.#isClosed) this.#binding.resize(this.#fd, cols, rows);
  }

  /** Hangs up: the kernel sends SIGHUP to what still runs on the terminal. */
  close(): void {
    this.#isClosed = true;
    this.#end();
    this.#stream.destroy();
  }

  #writeSome(data: Uint8Array): number {
    try {
      return writeSync(this.#fd, data);
    } catch (error) {
      if (isErrorCode(error, 'EAGAIN')) return 0;
      throw new PtyClosedError('cannot write to the pseudo-terminal', { cause: error });
    }
  }

  #deliver(chunk: Buffer | undefined): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(chunk);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#deliver(undefined);
  }
}

/** Whether an error of Node carries this `code`. */
export function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
