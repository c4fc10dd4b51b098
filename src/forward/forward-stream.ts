import type { Clock } from '#domain/ports/system-ports.ts';
import type { LocalConnection, LocalConnectionListener } from './listener.ts';

/** The session, as a stream uses it. */
export interface ForwardStreamPorts {
  readonly clock: Clock;
  /** The program has sent data: call `pull`. */
  onReadable(): void;
  send(data: Uint8Array): void;
  /** The program has read this many bytes. */
  onTaken(bytes: number): void;
  /** The local connection is closed. */
  onEnded(): void;
}

/**
 * The time in which a program that has ended its input can still get an answer, from its end and from each answer of the
 * remote side; milliseconds. TCP cannot distinguish it from a program that has exited, and the remote side does not see
 * the end, so it would keep such connections forever.
 */
const ANSWER_LIMIT_MS = 30_000;
/** The same for a program that has had an answer: it has most likely exited. */
const ANSWERED_LIMIT_MS = 5_000;
/** The time limit for a program that has received everything to close its connection; milliseconds. */
const LINGER_MS = 1_000;

/**
 * One local connection, and its stream to the port. FIN of smux version 1 closes both directions
 * (PROTOCOL 7.3), and the agent then drops the answer of the remote side. So if a program ends its input, as in
 * `printf 'GET / …' | nc`, the remote side gets no FIN before the program has its answer.
 */
export class ForwardStream implements LocalConnectionListener {
  readonly #connection: LocalConnection;
  readonly #ports: ForwardStreamPorts;
  /** The program has ended its input. */
  #isHalfClosed = false;
  /** The last data came from the remote side. */
  #isAnswered = false;
  /** The remote side has closed the stream. */
  #isFinished = false;
  #isClosed = false;
  /** Bytes that the program has not read yet; until it has read them, it is not considered closed. */
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

  /** Sends data from the program. */
  pull(): void {
    const data = this.#isFinished ? undefined : this.#connection.read();
    if (data === undefined) return;
    this.#isAnswered = false;
    this.#ports.send(data);
  }

  /** Receives data from the remote side. */
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

  /** The remote side has closed: the program gets the data in transit, and then the end. */
  finish(): void {
    this.#isFinished = true;
    this.#cancelTimer();
    this.#connection.end(() => this.#closeAfter(LINGER_MS));
  }

  /** ecsh is exiting, and all data from before the program's end has been read. */
  close(): void {
    if (this.#isHalfClosed) this.#connection.close();
  }

  /** The remote side cannot be reached, or has gone. */
  reset(): void {
    this.#connection.reset();
  }

  /** Waits for an answer, unless bytes are still in transit to the program, or the stream has ended. */
  #awaitAnswer(limitMs: number): void {
    if (this.#untaken === 0 && !this.#isFinished) this.#closeAfter(limitMs);
  }

  #closeAfter(milliseconds: number): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#ports.clock.after(milliseconds, () => this.#connection.close());
  }
}
