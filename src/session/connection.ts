import type { Clock, FrameTransport, OpenTransport } from '../domain/ports.ts';
import { type ChannelEvent, type ChannelFailure, DataChannel } from '../protocol/data-channel.ts';
import type { TerminalSize } from '../protocol/payload.ts';

/** How a session ended, as far as the connection can tell. */
export type ConnectionEnd =
  /** The service said so. `output` is the agent's last word, empty after an ordinary end (M-3). */
  | { readonly kind: 'closed'; readonly output: string; readonly isComplete: boolean }
  | { readonly kind: 'failed'; readonly failure: ChannelFailure }
  | { readonly kind: 'lost'; readonly reason: string };

/** What a session does with what arrives. */
export interface ConnectionListener {
  onOutput(data: Uint8Array, stream: 'stdout' | 'stderr'): void;
  /** The remote side takes input from now on (S-2). */
  onInputReady(): void;
  /** There is room for more input after there was none. */
  onInputDrained(): void;
  /** Text of the service for the user, to be shown on stderr (M-6). */
  onNotice(text: string): void;
  onDebug(what: string): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly token: string;
  readonly size: TerminalSize;
  readonly clock: Clock;
  readonly openTransport: OpenTransport;
  readonly signal: AbortSignal;
}

/** The loop between a data channel, its websocket and the clock. */
export class Connection {
  readonly ended: Promise<ConnectionEnd>;
  readonly #channel: DataChannel;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  #transport: FrameTransport | undefined;
  #cancelTick: () => void = () => undefined;
  #tickAt: number | undefined;
  #hasEnded = false;
  #end: (end: ConnectionEnd) => void = () => undefined;

  private constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#clock = options.clock;
    this.#listener = listener;
    this.#channel = new DataChannel({ token: options.token, size: options.size });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @throws EcshError when the websocket cannot be opened; the session is then still running (O-4). */
  static async open(options: ConnectionOptions, listener: ConnectionListener): Promise<Connection> {
    const connection = new Connection(options, listener);
    connection.#transport = await options.openTransport(
      options.url,
      {
        onFrame: (frame) => connection.#receive(frame),
        onClose: (reason) => connection.#finish({ kind: 'lost', reason }),
      },
      options.signal,
    );
    connection.#transport.sendText(connection.#channel.open(options.clock.now()));
    connection.#flush();
    return connection;
  }

  /** False while input should wait; the channel's window bounds what the socket holds (S-11). */
  get hasInputRoom(): boolean {
    return this.#channel.hasInputRoom;
  }

  send(data: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#channel.sendInput(data, this.#clock.now());
    this.#flush();
  }

  resize(size: TerminalSize): void {
    if (this.#hasEnded) return;
    this.#channel.resize(size, this.#clock.now());
    this.#flush();
  }

  /** Slows the agent down by not reading the socket (S-6). */
  pause(): void {
    this.#transport?.pause();
  }

  resume(): void {
    this.#transport?.resume();
  }

  /** Lets go of the websocket; `ended` settles as `lost` unless the session had ended before. */
  close(): void {
    this.#finish({ kind: 'lost', reason: 'closed by ecsh' });
  }

  #receive(frame: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#handle(this.#channel.receive(frame, this.#clock.now()));
  }

  #handle(events: readonly ChannelEvent[]): void {
    // Acknowledgements first: what the events lead to may take time (S-5).
    this.#flush();
    for (const event of events) {
      // Acting on one event may end the session.
      if (this.#hasEnded) return;
      this.#dispatch(event);
    }
    if (!this.#hasEnded) this.#flush();
  }

  #dispatch(event: ChannelEvent): void {
    switch (event.type) {
      case 'output':
        this.#listener.onOutput(event.data, event.stream);
        return;
      case 'input-ready':
        this.#listener.onInputReady();
        return;
      case 'input-drained':
        this.#listener.onInputDrained();
        return;
      case 'notice':
        this.#listener.onNotice(event.text);
        return;
      case 'closed':
        this.#finish({ kind: 'closed', output: event.output, isComplete: event.isComplete });
        return;
      case 'failed':
        this.#finish({ kind: 'failed', failure: event.failure });
        return;
      case 'exit-code':
        this.#listener.onDebug(`agent reports exit code ${event.exitCode}`);
        return;
      case 'ignored':
        this.#listener.onDebug(`ignored: ${event.what}`);
        return;
    }
  }

  #flush(): void {
    for (const frame of this.#channel.takeOutgoing()) this.#transport?.sendBinary(frame);
    this.#scheduleTick();
  }

  /** One timer, set anew only when the deadline has come nearer: acks move it at every frame. */
  #scheduleTick(): void {
    const deadline = this.#channel.nextDeadline();
    if (deadline === undefined || this.#hasEnded) return;
    if (this.#tickAt !== undefined && this.#tickAt <= deadline) return;
    this.#cancelTick();
    this.#tickAt = deadline;
    this.#cancelTick = this.#clock.after(Math.max(0, deadline - this.#clock.now()), () => {
      this.#tickAt = undefined;
      this.#handle(this.#channel.tick(this.#clock.now()));
    });
  }

  #finish(end: ConnectionEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelTick();
    this.#transport?.close();
    this.#end(end);
  }
}
