import type { Clock } from '#domain/ports/system-ports.ts';
import type { LocalConnection, LocalConnectionListener } from './listener.ts';

/** The session, as a stream uses it. */
export interface ForwardStreamPorts {
  readonly clock: Clock;
  /** The program has sent something: call `pull`. */
  onReadable(): void;
  send(data: Uint8Array): void;
  /** The program has taken this many bytes. */
  onTaken(bytes: number): void;
  /** The local connection is gone. */
  onEnded(): void;
}

/**
 * How long a program that sends no more may still get an answer, from its end and from each sign of the other
 * side; milliseconds. A program that is gone looks the same to TCP, and the remote side, which never hears of it, would keep
 * such connections for ever.
 */
const ANSWER_LIMIT_MS = 30_000;
/** The same for a program that has been answered: it is most likely gone. */
const ANSWERED_LIMIT_MS = 5_000;
/** How long a program that got everything may take to close its connection; milliseconds. */
const LINGER_MS = 1_000;

/**
 * One local connection, and its stream to the port. FIN of smux version 1 closes both directions
 * (PROTOCOL 7.3), and the agent then drops what the remote side is about to say. So when a program sends no more, as in
 * `printf 'GET / …' | nc`, the remote side gets no FIN before the program has its answer.
 */
export class ForwardStream implements LocalConnectionListener {
  readonly #connection: LocalConnection;
  readonly #ports: ForwardStreamPorts;
  /** The program sends no more. */
  #isHalfClosed = false;
  /** The remote side spoke last. */
  #isAnswered = false;
  /** The remote side has closed the stream. */
  #isFinished = false;
  #isClosed = false;
  /** Bytes that the program has not read yet: until it has, it is not considered gone. */
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

  /** The remote side has closed: the program gets what is under way, and then the end. */
  finish(): void {
    this.#isFinished = true;
    this.#cancelTimer();
    this.#connection.end(() => this.#closeAfter(LINGER_MS));
  }

  /** We are ending, and everything that the program sent before its end has been read. */
  close(): void {
    if (this.#isHalfClosed) this.#connection.close();
  }

  /** The remote side cannot be reached, or is gone. */
  reset(): void {
    this.#connection.reset();
  }

  /** Waits for an answer, unless bytes are still under way to the program, or the stream has ended. */
  #awaitAnswer(limitMs: number): void {
    if (this.#untaken === 0 && !this.#isFinished) this.#closeAfter(limitMs);
  }

  #closeAfter(milliseconds: number): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#ports.clock.after(milliseconds, () => this.#connection.close());
  }
}
