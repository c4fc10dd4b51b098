import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import type { Clock } from '#domain/ports/system-ports.ts';
import type {
  FrameListener,
  FrameTransport,
  OpenTransport,
} from '#domain/ports/transport-ports.ts';
import { atStreamHost } from './stream-host.ts';
import { openSigned, type UpgradeOptions } from './upgrade.ts';

/** W-3: at least once a minute; two of these without a sign of life are a dead connection. */
const PING_INTERVAL_MS = 20_000;

export interface WebSocketOptions extends UpgradeOptions {
  readonly clock: Clock;
  /** Opens data channels there in place of the URL's host. */
  readonly streamHost?: string | undefined;
}

/**
 * Opens the websocket of a data channel and watches that its far end lives.
 *
 * @throws EcshError `channel-refused` (HTTP status of the upgrade), `channel-unreachable`,
 *   `tls-untrusted`, `stream-host-invalid`, one of `agents`, or what signing failed with.
 */
export function createOpenTransport(options: WebSocketOptions): OpenTransport {
  return async (streamUrl, listener, signal) => {
    const url = atStreamHost(streamUrl, options.streamHost);
    const { socket, stream } = await openSigned(url, options, signal);
    return new LiveSocket(socket, stream, listener, options.clock);
  };
}

class LiveSocket implements FrameTransport {
  readonly #socket: WebSocket;
  /** What the websocket writes to. */
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #listener: FrameListener;
  #isAlive = true;
  #isPaused = false;
  /** Why the socket goes, when it does not say so itself. */
  #reason = '';
  #cancelPing: () => void = () => undefined;

  constructor(socket: WebSocket, stream: Duplex, listener: FrameListener, clock: Clock) {
    this.#socket = socket;
    this.#stream = stream;
    this.#clock = clock;
    this.#listener = listener;
    socket.on('message', (data) => this.#receive(data));
    socket.on('pong', () => this.#noteLife());
    socket.on('error', (error) => this.#end(error.message));
    socket.once('close', (code, reason) => this.#close(code, reason.toString()));
    this.#schedulePing();
    socket.resume();
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBinary(frame: Uint8Array): void {
    this.#gather();
    this.#socket.send(frame);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#noteLife();
    this.#socket.resume();
  }

  /** As both real peers do: without a closing handshake (PROTOCOL 1.5). */
  close(): void {
    this.#stream.uncork();
    this.#socket.terminate();
  }

  #receive(data: WebSocket.RawData): void {
    this.#noteLife();
    // ws hands out one Buffer under its default binaryType, `nodebuffer`.
    if (Buffer.isBuffer(data)) this.#listener.onFrame(data);
  }

  /**
   * Frames that answer what arrived together go in one write: a system call costs more than a frame.
   * At the end of the turn, and not after its other events: a key must not wait (docs/performance.md).
   */
  #gather(): void {
    if (this.#stream.writableCorked > 0) return;
    this.#stream.cork();
    queueMicrotask(() => this.#stream.uncork());
  }

  #noteLife(): void {
    this.#isAlive = true;
  }

  /** While reading is paused no pong can arrive, which is nobody's fault (S-6). */
  #schedulePing(): void {
    this.#cancelPing = this.#clock.after(PING_INTERVAL_MS, () => {
      if (!this.#isAlive && !this.#isPaused) {
        this.#end(`no answer to a ping within ${PING_INTERVAL_MS / 1000} seconds`);
        return;
      }
      this.#isAlive = false;
      this.#socket.ping();
      this.#schedulePing();
    });
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
