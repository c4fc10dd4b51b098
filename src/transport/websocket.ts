import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import type { Clock } from '#domain/ports/system-ports.ts';
import type {
  FrameListener,
  FrameTransport,
  OpenTransport,
} from '#domain/ports/transport-ports.ts';
import { assertTrusted, atStreamHost } from './stream-host.ts';
import { openSigned, type UpgradeOptions } from './upgrade.ts';

/** W-3: at least once a minute; after two intervals without an answer, the connection is considered dead. */
const PING_INTERVAL_MS = 20_000;
/**
 * The limit for answers that a peer does not read. A full send window of ours is 1.2 MiB (S-11) and must not stop
 * us from reading its acknowledgements.
 */
const UNSENT_LIMIT_BYTES = 2 * 1024 * 1024;
/** Small frames take many times their bytes in memory. A full send window is 1,200 frames of 1 KiB. */
const UNSENT_LIMIT_FRAMES = 4_096;

export interface WebSocketOptions extends UpgradeOptions {
  /** The endpoint that the user named for API calls; undefined: AWS itself. */
  readonly ownEndpoint: () => Promise<string | undefined>;
  /** Opens data channels there instead of at the URL's host. */
  readonly streamHost?: string | undefined;
}

/**
 * Opens the websocket of a data channel and checks that its remote end is alive.
 *
 * @throws EcshError `channel-refused` (HTTP status of the upgrade), `channel-unreachable`, `stream-url-invalid`,
 *   `tls-untrusted`, `stream-host-invalid`, one of `agents`, or the error of signing.
 */
export function createOpenTransport(options: WebSocketOptions): OpenTransport {
  return async (streamUrl, listener, signal) => {
    const { streamHost } = options;
    if (streamHost === undefined || streamHost === '') {
      assertTrusted(streamUrl, await options.ownEndpoint());
    }
    const url = atStreamHost(streamUrl, streamHost);
    const { socket, stream } = await openSigned(url, options, signal);
    return new LiveSocket(socket, stream, listener, options.clock);
  };
}

class LiveSocket implements FrameTransport {
  readonly #socket: WebSocket;
  /** The underlying stream. */
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #listener: FrameListener;
  #isAlive = true;
  /** Paused by our user. */
  #isPaused = false;
  /** The peer does not read our data: we stop reading messages that we would answer. */
  #isCongested = false;
  #unsentFrames = 0;
  #unsentAtPing = 0;
  /** Why we closed the socket; empty if the peer closed it. */
  #reason = '';
  #cancelPing: () => void = () => undefined;

  constructor(socket: WebSocket, stream: Duplex, listener: FrameListener, clock: Clock) {
    this.#socket = socket;
    this.#stream = stream;
    this.#clock = clock;
    this.#listener = listener;
    socket.on('message', (data) => this.#receive(data));
    socket.on('pong', () => this.#noteLife());
    // Each one was answered by a pong.
    socket.on('ping', () => this.#checkUnsent());
    socket.on('error', (error) => this.#end(error.message));
    socket.once('close', (code, reason) => this.#close(code, reason.toString()));
    this.#schedulePing();
  }

  start(): void {
    this.#socket.resume();
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBinary(frame: Uint8Array): void {
    this.#gather();
    this.#unsentFrames++;
    this.#socket.send(frame, this.#onSent);
    this.#checkUnsent();
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#noteLife();
    if (!this.#isCongested) this.#socket.resume();
  }

  /** Like both real peers: without a closing handshake (PROTOCOL 1.5). */
  close(): void {
    this.#stream.uncork();
    this.#socket.terminate();
  }

  #receive(data: WebSocket.RawData): void {
    this.#noteLife();
    // ws returns a single Buffer with its default binaryType, `nodebuffer`.
    if (Buffer.isBuffer(data)) this.#listener.onFrame(data);
  }

  /**
   * Frames that answer messages of one turn are sent in one write, because a system call costs more than a frame.
   * This happens at the end of the turn, not after its other events: a key must not wait (docs/performance.md).
   */
  #gather(): void {
    if (this.#stream.writableCorked > 0) return;
    this.#stream.cork();
    queueMicrotask(() => this.#stream.uncork());
  }

  #checkUnsent(): void {
    if (this.#isCongested || !this.#isOverLimit()) return;
    this.#isCongested = true;
    this.#unsentAtPing = this.#socket.bufferedAmount;
    this.#socket.pause();
  }

  readonly #onSent = (): void => {
    this.#unsentFrames--;
    if (!this.#isCongested || this.#isOverLimit()) return;
    this.#isCongested = false;
    this.#noteLife();
    if (!this.#isPaused) this.#socket.resume();
  };

  #isOverLimit(): boolean {
    const { bufferedAmount } = this.#socket;
    return bufferedAmount > UNSENT_LIMIT_BYTES || this.#unsentFrames > UNSENT_LIMIT_FRAMES;
  }

  #noteLife(): void {
    this.#isAlive = true;
  }

  #schedulePing(): void {
    this.#cancelPing = this.#clock.after(PING_INTERVAL_MS, () => {
      if (!this.#showsLife()) {
        this.#end(`no answer to a ping within ${PING_INTERVAL_MS / 1000} seconds`);
        return;
      }
      this.#isAlive = false;
      if (!this.#isCongested) this.#socket.ping();
      this.#schedulePing();
    });
  }

  /** While we do not read, no pong can arrive (S-6); a live peer still reads our data. */
  #showsLife(): boolean {
    if (!this.#isCongested) return this.#isAlive || this.#isPaused;
    const unsent = this.#socket.bufferedAmount;
    const hasProgress = unsent < this.#unsentAtPing;
    this.#unsentAtPing = unsent;
    return hasProgress;
  }

  #end(reason: string): void {
    this.#reason = reason;
    this.#socket.terminate();
  }

  #close(code: number, reason: string): void {
    this.#cancelPing();
    this.#listener.onClose(this.#reason || reason || `websocket closed with ${code}`);
  }
}
