import { EcshError } from '#domain/errors/errors.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { ChannelEvent } from '#protocol/channel-event.ts';
import { DataChannel } from '#protocol/data-channel.ts';
import type { KeyRequest } from '#protocol/handshake.ts';
import type { ChannelSize } from '#protocol/payload.ts';
import { SMUX_NOP } from '#protocol/smux/smux-frame.ts';
import { type ConnectionEnd, type ConnectionListener, deliver } from './connection-listener.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { fetchDataKey } from './data-key.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { ResumableTransport } from './resumable-transport.ts';

/**
 * The agent decides on a handshake milliseconds after it has joined (PROTOCOL 4.3). If none is expected, input that
 * may be lost is sent this long after the first acknowledgement (ms).
 */
const EARLY_INPUT_MS = 100;

/** The loop between a data channel, its transport and the clock. */
export class SessionConnection {
  readonly ended: Promise<ConnectionEnd>;
  readonly #channel: DataChannel;
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  readonly #transport: ResumableTransport;
  readonly #timer: DeadlineTimer;
  #isPaused = false;
  #keyError: EcshError | undefined;
  #cancelKeepAlive: () => void = () => undefined;
  #hasEnded = false;
  #end: (end: ConnectionEnd) => void = () => undefined;

  private constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#clock = options.clock;
    this.#listener = listener;
    const requiresEncryption = options.key?.clusterKeyId !== undefined;
    const isEarly = options.repeatsInput === true && options.isWithoutKey === true;
    this.#channel = new DataChannel({
      ...options,
      portProbe: SMUX_NOP,
      requiresEncryption,
      handshakeGraceMs: isEarly ? EARLY_INPUT_MS : undefined,
    });
    this.#transport = this.#createTransport();
    this.#timer = new DeadlineTimer(options.clock, () => {
      this.#handle(() => this.#channel.tick(this.#clock.now()));
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @throws EcshError if the websocket cannot be opened; the session is then still running (O-4). */
  static async open(
    options: ConnectionOptions,
    listener: ConnectionListener,
  ): Promise<SessionConnection> {
    const connection = new SessionConnection(options, listener);
    await connection.#transport.open();
    options.onPhase?.('websocket open');
    connection.#transport.sendText(connection.#channel.open(options.clock.now()));
    options.onPhase?.('data channel asked for');
    connection.#flush();
    connection.#transport.start();
    connection.#keepAlive();
    return connection;
  }

  /** False while input should wait; the channel's window limits the data in the socket (S-11). */
  get hasInputRoom(): boolean {
    return this.#channel.hasInputRoom;
  }

  send(data: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#channel.sendInput(data, this.#clock.now());
    this.#flush();
  }

  /** Sends before all waiting input: XOFF and XON, which a terminal removes from its input. */
  sendFirst(payload: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#channel.sendInputFirst(payload, this.#clock.now());
    this.#flush();
  }

  resize(size: ChannelSize): void {
    if (this.#hasEnded) return;
    this.#channel.resize(size, this.#clock.now());
    this.#flush();
  }

  /** Sends a message that changes nothing and gets an acknowledgement. */
  probe(): void {
    if (this.#hasEnded) return;
    this.#channel.probe(this.#clock.now());
    this.#flush();
  }

  sendFlag(flag: number): void {
    if (this.#hasEnded) return;
    this.#channel.sendFlag(flag, this.#clock.now());
    this.#flush();
  }

  /** Slows the agent down by not reading the socket (S-6). */
  pause(): void {
    this.#isPaused = true;
    this.#channel.pauseReceiving();
    this.#transport.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#transport.resume();
    // Acknowledgements need a socket.
    if (!this.#transport.isOpen || this.#hasEnded) return;
    this.#channel.resumeReceiving(this.#clock.now());
    this.#flush();
  }

  /** Closes the websocket; `ended` settles as `lost` unless the session had ended before. */
  close(): void {
    this.#finish({ kind: 'lost', reason: 'closed by ecsh' });
  }

  #createTransport(): ResumableTransport {
    return new ResumableTransport(this.#options, {
      onFrame: (frame) => this.#handle(() => this.#channel.receive(frame, this.#clock.now())),
      onLost: (reason) => {
        this.#channel.suspend();
        this.#listener.onDebug(`connection lost: ${reason}`);
      },
      onReopened: (token) => {
        this.#transport.sendText(this.#channel.reopen(token, this.#clock.now()));
        this.#flush();
      },
      // `reopen` has restarted the timers of the channel.
      onRecovered: () => {
        if (this.#isPaused) this.pause();
      },
      onOver: (reason, error) => this.#finish({ kind: 'lost', reason, error }),
      onNotice: (text) => this.#listener.onNotice(text),
      onDebug: (what) => this.#listener.onDebug(what),
    });
  }

  /** An error must end this session only: it may run in the process of a library's user. */
  #handle(produce: () => readonly ChannelEvent[]): void {
    try {
      const events = produce();
      // Acknowledgements first, because handling the events may take time (S-5).
      this.#flush();
      for (const event of events) {
        // Handling one event may end the session.
        if (this.#hasEnded) return;
        this.#dispatch(event);
      }
      if (!this.#hasEnded) this.#flush();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(cause: unknown): void {
    const error = cause instanceof EcshError ? cause : unhandled(cause);
    this.#finish({
      kind: 'failed',
      failure: { reason: 'handshake', message: error.message },
      error,
    });
  }

  #dispatch(event: ChannelEvent): void {
    switch (event.type) {
      case 'key-needed':
        void this.#provideKey(event.request);
        return;
      case 'closed':
        this.#finish({
          kind: 'closed',
          output: event.output,
          isComplete: event.isComplete,
          ...(event.isUnverified ? { isUnverified: true } : {}),
        });
        return;
      case 'failed':
        this.#finish({
          kind: 'failed',
          failure: event.failure,
          ...(this.#keyError === undefined ? {} : { error: this.#keyError }),
        });
        return;
      default:
        if (event.type === 'output') this.#options.onPhase?.('first output');
        if (event.type === 'input-ready') this.#options.onPhase?.('ready for input');
        deliver(event, this.#listener);
    }
  }

  /**
   * Keeps the session from reaching the idle limit of 20 minutes (PROTOCOL 4.10) with an input message
   * that changes nothing for the program. UNVERIFIED: whether AWS counts Size as activity; to check, run
   * `sleep 1500` with and without it in an account. Both Go peers say that smux's keepalive counts
   * (P muxportforwarding.go), which is why they turn it off.
   */
  #keepAlive(): void {
    const { keepAliveMs } = this.#options;
    if (keepAliveMs === undefined) return;
    this.#cancelKeepAlive = this.#clock.after(keepAliveMs, () => {
      this.probe();
      this.#keepAlive();
    });
  }

  async #provideKey(request: KeyRequest): Promise<void> {
    const { key, error, usedKeyId } = await fetchDataKey(this.#options, request);
    this.#keyError = error;
    if (usedKeyId !== undefined) {
      this.#listener.onDebug(`the session is encrypted with ${usedKeyId}`);
    }
    if (!this.#hasEnded) this.#handle(() => this.#channel.provideKey(key, this.#clock.now()));
    // The channel has its copy (K-3).
    if ('plaintext' in key) key.plaintext.fill(0);
  }

  #flush(): void {
    if (!this.#transport.isOpen) return;
    for (const frame of this.#channel.takeOutgoing()) this.#transport.sendBinary(frame);
    this.#timer.set(this.#channel.nextDeadline());
  }

  #finish(end: ConnectionEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onPhase?.('session ended');
    this.#timer.cancel();
    this.#cancelKeepAlive();
    this.#channel.close();
    this.#transport.close();
    this.#end(end);
  }
}

/** A bug in ecsh, or a message that we did not expect. */
function unhandled(cause: unknown): EcshError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EcshError('session-failed', `ecsh cannot handle what the agent sent: ${why}`, {
    hint: 'Please report it, with the output of --debug.',
    cause,
  });
}
