import { readSync, writeSync } from 'node:fs';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';
import type { PtyBinding } from './pty-binding.ts';

/** Delay before retrying a terminal that cannot be read or written right now. */
const RETRY_MS = 3;
const READ_BUFFER = 4096;

/** The pseudo-terminal is closed: input cannot be written. */
class PtyClosedError extends Error {
  override readonly name = 'PtyClosedError';
}

/**
 * Node closes a terminal on a read error, and libuv treats a hangup as the end although the kernel may still hold
 * output. The agent does neither: EIO only means that no program has the terminal open, and closing it would send
 * SIGHUP to a program that still runs without it.
 */
class MasterStream extends ReadStream {
  override destroy(): this {
    this.emit('hangup');
    return this;
  }

  close(): void {
    super.destroy();
  }
}

/** The master side of a pseudo-terminal: reads on demand, and never blocks Node when it writes. */
export class PtyMaster {
  readonly #fd: number;
  readonly #binding: PtyBinding;
  readonly #stream: MasterStream;
  #reader: ((chunk: Buffer | undefined) => void) | undefined;
  /** The stream has ended: remaining output is read directly from the kernel. */
  #hasHungUp = false;
  #isClosed = false;

  /** @param onClosed runs when the descriptor is closed, so that its number can be reused */
  constructor(fd: number, binding: PtyBinding, onClosed: () => void) {
    this.#fd = fd;
    this.#binding = binding;
    // One read at a time into our own buffer: the rest stays in the kernel, so unread output blocks
    // the program (PROTOCOL 8.6 item 7). The agent's reader has a buffer of this size.
    const options: SocketConstructorOpts & ConnectOpts = {
      onread: {
        buffer: Buffer.alloc(READ_BUFFER),
        callback: (length, buffer) => {
          const chunk = Buffer.from(buffer.subarray(0, length));
          // Not inside libuv's read: resuming there would report the end after a short read of a terminal that
          // hangs up, although the kernel holds more.
          setImmediate(() => this.#deliver(chunk));
          return false;
        },
      },
    };
    this.#stream = new MasterStream(fd, options);
    this.#stream.on('hangup', () => this.#hangUp());
    this.#stream.on('end', () => this.#hangUp());
    this.#stream.on('close', () => {
      this.#isClosed = true;
      this.#deliver(undefined);
      onClosed();
    });
  }

  /** Reads the next output, at most what the kernel holds; undefined at the end. One call at a time. */
  read(): Promise<Buffer | undefined> {
    if (this.#hasHungUp) return this.#readRest();
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#stream.resume();
    });
  }

  /**
   * Resolves when the kernel has accepted every byte, which it does not do while the program leaves its input
   * unread.
   *
   * @throws PtyClosedError
   */
  async write(data: Uint8Array): Promise<void> {
    let rest = data;
    while (rest.length > 0) {
      if (this.#isClosed) throw new PtyClosedError('the pseudo-terminal is closed');
      rest = rest.subarray(this.#writeSome(rest));
      if (rest.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Accepts any size that the kernel accepts, including 0. */
  resize(cols: number, rows: number): void {
    if (!this.#isClosed) this.#binding.resize(this.#fd, cols, rows);
  }

  /** Hangs up: the kernel sends SIGHUP to the programs on the terminal. */
  close(): void {
    this.#isClosed = true;
    this.#deliver(undefined);
    this.#stream.close();
  }

  #writeSome(data: Uint8Array): number {
    try {
      return writeSync(this.#fd, data);
    } catch (error) {
      if (hasErrorCode(error, 'EAGAIN')) return 0;
      throw new PtyClosedError('cannot write to the pseudo-terminal', { cause: error });
    }
  }

  #deliver(chunk: Buffer | undefined): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(chunk);
  }

  #hangUp(): void {
    if (this.#hasHungUp) return;
    this.#hasHungUp = true;
    if (this.#reader !== undefined) void this.#readRest().then((chunk) => this.#deliver(chunk));
  }

  async #readRest(): Promise<Buffer | undefined> {
    const buffer = Buffer.alloc(READ_BUFFER);
    while (!this.#isClosed) {
      try {
        return buffer.subarray(0, readSync(this.#fd, buffer));
      } catch (error) {
        // EIO: empty, and no program has the terminal open.
        if (!hasErrorCode(error, 'EAGAIN')) return undefined;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return undefined;
  }
}

/** Whether an error of Node carries this `code`. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
