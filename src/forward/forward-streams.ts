import type { Clock } from '#domain/ports/system-ports.ts';
import { type SmuxEvent, SmuxSession } from '#protocol/smux/smux-session.ts';
import type { SessionConnection } from '#session/connection.ts';
import { ForwardStream } from './forward-stream.ts';
import type { LocalConnection } from './listener.ts';

export interface ForwardStreamsOptions {
  readonly clock: Clock;
  /** Undefined while the session is not open. */
  readonly wire: () =>
    | Pick<SessionConnection, 'hasInputRoom' | 'send' | 'pause' | 'resume'>
    | undefined;
  /** The agent could not connect to the port. It does not report a reason. */
  readonly onRefused: () => void;
  /** The port has answered. */
  readonly onAnswered: () => void;
  readonly onDebug: (text: string) => void;
}

/** The local connections of one session, each in its own stream (PROTOCOL 7.3). */
export class ForwardStreams {
  readonly #options: ForwardStreamsOptions;
  readonly #smux = new SmuxSession();
  readonly #streams = new Map<number, ForwardStream>();
  /** Streams with data to send, in the order in which they began to wait. */
  readonly #readable = new Set<ForwardStream>();
  /** The agent reports that a connection failed, but not which one; it then closes its stream. */
  #refusals = 0;

  constructor(options: ForwardStreamsOptions) {
    this.#options = options;
  }

  /** A program has sent bytes that have not been passed on. */
  get hasUnsent(): boolean {
    return this.#readable.size > 0;
  }

  /** Creates a stream for a local connection. */
  join(connection: LocalConnection): void {
    const streamId = this.#smux.open();
    const stream: ForwardStream = new ForwardStream(connection, {
      clock: this.#options.clock,
      onReadable: () => {
        this.#readable.add(stream);
        this.pump();
      },
      send: (data) => this.#smux.send(streamId, data),
      onTaken: (bytes) => this.#consume(streamId, bytes),
      onEnded: () => this.#leave(streamId, stream),
    });
    this.#streams.set(streamId, stream);
    connection.listen(stream);
    this.#flush();
  }

  /** @throws SmuxError if the agent breaks the protocol */
  receive(data: Uint8Array): void {
    for (const event of this.#smux.receive(data)) this.#handle(event);
    if (this.#smux.isFull) this.#options.wire()?.pause();
    this.#flush();
  }

  /** The agent could not connect one of the streams. */
  refuse(): void {
    this.#refusals += 1;
    this.#options.onRefused();
  }

  /** Reads from programs only while the data channel has room (S-11). */
  pump(): void {
    for (const stream of this.#readable) {
      if (!this.#options.wire()?.hasInputRoom) return;
      this.#readable.delete(stream);
      stream.pull();
      this.#flush();
    }
  }

  /** ecsh is exiting: do not wait for streams whose program has ended. */
  closeEnded(): void {
    for (const stream of this.#streams.values()) stream.close();
  }

  reset(): void {
    for (const stream of this.#streams.values()) stream.reset();
  }

  #handle(event: SmuxEvent): void {
    switch (event.type) {
      case 'data':
        this.#options.onAnswered();
        this.#streams.get(event.streamId)?.receive(event.data);
        return;
      case 'closed':
        this.#finish(event.streamId, event.hadData);
        return;
      case 'ignored':
        this.#options.onDebug(`ignored: ${event.what}`);
        return;
    }
  }

  /** While a refusal is pending, a port that closes at once without data counts as the one that refused. */
  #finish(streamId: number, hadData: boolean): void {
    const isRefused = !hadData && this.#refusals > 0;
    if (isRefused) this.#refusals -= 1;
    const stream = this.#streams.get(streamId);
    if (isRefused) stream?.reset();
    else stream?.finish();
  }

  #flush(): void {
    const bytes = this.#smux.takeOutgoing();
    if (bytes.length > 0) this.#options.wire()?.send(bytes);
  }

  #consume(streamId: number, bytes: number): void {
    const wasFull = this.#smux.isFull;
    this.#smux.consume(streamId, bytes);
    this.#resumeAfter(wasFull);
  }

  #leave(streamId: number, stream: ForwardStream): void {
    const wasFull = this.#smux.isFull;
    this.#streams.delete(streamId);
    this.#readable.delete(stream);
    this.#smux.close(streamId);
    this.#resumeAfter(wasFull);
    this.#flush();
  }

  #resumeAfter(wasFull: boolean): void {
    if (wasFull && !this.#smux.isFull) this.#options.wire()?.resume();
  }
}
