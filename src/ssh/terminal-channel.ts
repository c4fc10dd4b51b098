import { PassThrough, type Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { LocalTerminal, TerminalSize } from '#domain/ports/terminal-ports.ts';

/**
 * A channel with a terminal at its other end. If ssh closes its stdin, the program continues without input, as with sshd;
 * if ssh closes the channel, the program gets SIGHUP.
 */
export class TerminalChannel implements LocalTerminal {
  readonly input: Readable;
  readonly output: ServerChannel;
  readonly #listeners = new Set<(size: TerminalSize) => void>();
  #size: TerminalSize;

  constructor(channel: ServerChannel, size: TerminalSize, closed: AbortSignal) {
    const input = new PassThrough();
    channel.pipe(input, { end: false });
    closed.addEventListener('abort', () => input.end(), { once: true });
    this.input = input;
    this.output = channel;
    this.#size = size;
  }

  size(): TerminalSize {
    return this.#size;
  }

  onResize(run: (size: TerminalSize) => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    for (const run of this.#listeners) run(size);
  }

  /** Never called: ssh has its own escape keys, and this terminal has none. */
  suspend(): void {}

  /** ssh sets the mode of the user's terminal itself. */
  raw<T>(body: () => Promise<T>): Promise<T> {
    return body();
  }
}
