import type { Clock } from '#domain/ports/system-ports.ts';
import type { LocalConnection, LocalConnectionListener } from './listener.ts';

/** The remote end of a stream, and who reads the local one. */
export interface ForwardStreamPorts {
  readonly clock: Clock;
  /** There is something to `pull`. */
  onReadable(): void;
  send(data: Uint8Array): void;
  /** The local program has taken this much. */
  onTaken(bytes: number): void;
  /** The stream has ended for us. */
  onEnded(): void;
}

/**
 * How long a program that sends no more may still get an answer: from its end, and from each sign of
 * the other side. An end is all that TCP tells of a program that listens no more, too, and a remote
 * side that was never told would keep such connections for ever.
 */
const ANSWER_LIMIT_MS = 30_000;
/** The same from the end of a program that has been answered: it is most likely gone. */
const ANSWERED_LIMIT_MS = 5_000;
/** How long a program that got everything may take to close its connection, milliseconds. */
const LINGER_MS = 1_000;

/**
 * One local connection, and its stream to the port. FIN of smux version 1 closes both directions
 * (PROTOCOL 7.3), and the agent then drops what the remote side is about to say. So a program that
 * sends no more, such as `printf 'GET / …' | nc`, is not told of by one before it has its answer.
 */
export class ForwardStream implements LocalConnectionListener {
  readonly #connection: LocalConnection;
  readonly #ports: ForwardStreamPorts;
  /** The program sends no more. */
  #isHalfClosed = false;
  /** The remote side has had the last word. */
  #isAnswered = false;
  /** The remote side has closed the stream. */
  #isFinished = false;
  #isClosed = false;
  /** Bytes of the remote side that the program has not read: it is not gone while it may. */
  #untaken = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(connection: LocalConnection, ports: ForwardStreamPorts) {
    this.#connection = connection;
    this.#ports = ports;
  }

  onReadable(): void {
    if (!this.#isFinished) this.#ports.onReadable();
  }

  onEnd(): void {
    if (this.#isFinished) return;
    this.#isHalfClosed = true;
    this.#awaitAnswer(this.#isAnswered ? ANSWERED_LIMIT_MS : ANSWER_LIMIT_MS);
  }

  onClose(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#ports.onEnded();
  }

  /** Sends what the program has sent. */
  pull(): void {
    const data = this.#isFinished ? undefined : this.#connection.read();
    if (data === undefined) return;
    this.#isAnswered = false;
    this.#ports.send(data);
  }

  /** Data of the remote side. */
  receive(data: Uint8Array): void {
    this.#isAnswered = true;
    this.#untaken += data.length;
    this.#cancelTimer();
    this.#connection.write(data, () => {
      this.#untaken -= data.length;
      this.#ports.onTaken(data.length);
      if (this.#isHalfClosed) this.#awaitAnswer(ANSWER_LIMIT_MS);
    });
  }

  /** The remote side has closed: the program gets what is on its way, then an end. */
  finish(): void {
    this.#isFinished = true;
    this.#cancelTimer();
    this.#connection.end(() => this.#closeAfter(LINGER_MS));
  }

  /** We have to go: what the program sent before it ended has been read. */
  close(): void {
    if (this.#isHalfClosed) this.#connection.close();
  }

  /** The remote side is not there, or not any more. */
  reset(): void {
    this.#connection.reset();
  }

  /** Not beside what is on its way to the program, nor after the end of all. */
  #awaitAnswer(limitMs: number): void {
    if (this.#untaken === 0 && !this.#isFinished) this.#closeAfter(limitMs);
  }

  #closeAfter(milliseconds: number): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#ports.clock.after(milliseconds, () => this.#connection.close());
  }
}
