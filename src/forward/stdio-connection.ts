import type { Readable, Writable } from 'node:stream';
import type { LocalConnection, LocalConnectionListener } from './listener.ts';

/** How a connection of stdin and stdout ended: normally, reset by the remote side, or because stdout was closed. */
export type StdioEnd = 'closed' | 'reset' | 'broken-pipe';

/** Our stdin and stdout as a connection, for a program that starts ecsh to be connected. */
export class StdioConnection implements LocalConnection {
  readonly ended: Promise<StdioEnd>;
  readonly #stdin: Readable;
  readonly #stdout: Writable;
  #listener: LocalConnectionListener | undefined;
  #hasOutput = false;
  #isClosed = false;
  #settle: (end: StdioEnd) => void = () => undefined;

  constructor(stdin: Readable, stdout: Writable) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** The remote side has sent data. */
  get hasOutput(): boolean {
    return this.#hasOutput;
  }

  listen(listener: LocalConnectionListener): void {
    this.#listener = listener;
    this.#stdin.on('readable', () => listener.onReadable());
    this.#stdin.on('end', () => listener.onEnd());
    this.#stdin.on('error', () => this.#finish('reset'));
    this.#stdout.on('error', () => this.#finish('broken-pipe'));
    this.#stdout.on('close', () => this.#finish('broken-pipe'));
  }

  read(): Uint8Array | undefined {
    const data: unknown = this.#stdin.read();
    return data instanceof Uint8Array ? data : undefined;
  }

  write(data: Uint8Array, onTaken: () => void): void {
    this.#hasOutput = true;
    this.#stdout.write(data, () => onTaken());
  }

  end(onSent: () => void): void {
    this.#stdout.write('', () => {
      onSent();
      this.#finish('closed');
    });
  }

  close(): void {
    this.#finish('closed');
  }

  reset(): void {
    this.#finish('reset');
  }

  #finish(end: StdioEnd): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#settle(end);
    this.#listener?.onClose();
  }
}
