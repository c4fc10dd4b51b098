import { Readable, Writable } from 'node:stream';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { LocalConnection, LocalConnectionListener } from './listener.ts';

/** Grace period for a program to close its connection after all output was sent (ms). */
const LINGER_MS = 1_000;

export interface ConnectionStreamsOptions {
  readonly clock: Clock;
  /** The program has ended its input. */
  readonly onEnd: () => void;
  /** The connection is closed. */
  readonly onClose: () => void;
  /** The remote side has sent data. */
  readonly onOutput: () => void;
}

/** A local connection as the stdin and stdout of a command. It is not read before `start`. */
export class ConnectionStreams implements LocalConnectionListener {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly #connection: LocalConnection;
  readonly #options: ConnectionStreamsOptions;
  #isWanted = false;
  #hasStarted = false;
  #hasFinished = false;
  #cancelLinger: () => void = () => undefined;

  constructor(connection: LocalConnection, options: ConnectionStreamsOptions) {
    this.#connection = connection;
    this.#options = options;
    this.stdin = new Readable({ read: () => this.#want(), destroy: (_e, done) => done(null) });
    this.stdout = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        options.onOutput();
        connection.write(chunk, done);
      },
    });
  }

  /** Starts to read from the program, because the remote side is connected. */
  start(): void {
    this.#hasStarted = true;
    this.#connection.listen(this);
    this.#pull();
  }

  /** Ends the connection, because the remote side has sent everything. */
  finish(): void {
    this.#hasFinished = true;
    this.stdin.destroy();
    this.#connection.end(() => {
      this.#cancelLinger = this.#options.clock.after(LINGER_MS, () => this.#connection.close());
    });
  }

  /** Resets the connection, because the remote side has reset it. */
  reset(): void {
    this.#hasFinished = true;
    this.stdin.destroy();
    this.#connection.reset();
  }

  onReadable(): void {
    this.#pull();
  }

  onEnd(): void {
    if (this.#hasFinished) return;
    this.stdin.push(null);
    this.#options.onEnd();
  }

  onClose(): void {
    this.#cancelLinger();
    this.stdin.destroy();
    if (!this.#hasFinished) this.#options.onClose();
  }

  #want(): void {
    this.#isWanted = true;
    this.#pull();
  }

  #pull(): void {
    while (this.#isWanted && this.#hasStarted && !this.#hasFinished) {
      const data = this.#connection.read();
      if (data === undefined) return;
      this.#isWanted = this.stdin.push(data);
    }
  }
}
