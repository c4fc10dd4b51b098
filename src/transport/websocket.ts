import WebSocket from 'ws';
import { EcshError } from '../domain/errors.ts';
import type { Clock, FrameListener, FrameTransport, OpenTransport } from '../domain/ports.ts';

/** PROTOCOL 1.5: the plugin's upgrade timeout. */
const UPGRADE_TIMEOUT_MS = 45_000;
/** W-3: at least once a minute; two of these without a sign of life are a dead connection. */
const PING_INTERVAL_MS = 20_000;
/** Agents send under 1.2 KB, service frames a few KB (PROTOCOL 1.5). */
const MAX_FRAME_BYTES = 1024 * 1024;

export interface WebSocketOptions {
  readonly clock: Clock;
  /** Headers that authenticate the upgrade (W-1). */
  readonly sign: (url: string) => Promise<Readonly<Record<string, string>>>;
}

/**
 * Opens the websocket of a data channel and watches that its far end lives.
 *
 * @throws EcshError `channel-refused` (HTTP status of the upgrade), `channel-unreachable`, or what
 *   signing failed with.
 */
export function createOpenTransport(options: WebSocketOptions): OpenTransport {
  return async (url, listener, signal) => {
    const socket = new WebSocket(url, {
      headers: await options.sign(url),
      // PROTOCOL 1.5: no peer offers compression.
      perMessageDeflate: false,
      handshakeTimeout: UPGRADE_TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES,
      // What the container sends is not text to be checked: a frame is bytes (W-5).
      skipUTF8Validation: true,
    });
    await upgraded(socket, signal);
    return new LiveSocket(socket, listener, options.clock);
  };
}

function upgraded(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    const settle = (run: () => void) => {
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners();
      // An error after this one has nobody to go to, and must not become an uncaught one.
      socket.on('error', () => undefined);
      run();
    };
    socket.once('open', () => {
      // Frames may stand right behind the answer: nobody listens for them yet.
      socket.pause();
      settle(resolve);
    });
    socket.once('unexpected-response', (_request, response) => {
      settle(() => reject(refused(response.statusCode ?? 0)));
      socket.terminate();
    });
    socket.once('error', (error) => settle(() => reject(unreachable(socket.url, error))));
    if (signal.aborted) abort();
  });
}

/** W-2. */
function refused(status: number): EcshError {
  const hint =
    status === 403
      ? 'The caller needs ssmmessages:OpenDataChannel on its sessions; a wrong clock has the same effect.'
      : 'Try again; if it stays, look for a proxy or an endpoint that answers in place of AWS.';
  return new EcshError(
    'channel-refused',
    `The service refused the data channel with HTTP status ${status}.`,
    { hint },
  );
}

function unreachable(url: string, cause: Error): EcshError {
  return new EcshError(
    'channel-unreachable',
    `Cannot open the data channel to ${new URL(url).host}: ${cause.message}.`,
    {
      hint: 'The session goes from this machine to that host on port 443: check firewall, proxy and DNS.',
      cause,
    },
  );
}

class LiveSocket implements FrameTransport {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #listener: FrameListener;
  #isAlive = true;
  #isPaused = false;
  /** Why the socket goes, when it does not say so itself. */
  #reason = '';
  #cancelPing: () => void = () => undefined;

  constructor(socket: WebSocket, listener: FrameListener, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#listener = listener;
    socket.on('message', (data) => this.#receive(data));
    socket.on('pong', () => this.#noteLife());
    socket.on('error', (error) => this.#end(error.message));
    socket.once('close', (code, reason) => this.#close(code, reason.toString()));
    this.#schedulePing();
    socket.resume();
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBinary(frame: Uint8Array): void {
    this.#socket.send(frame, { binary: true });
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
    this.#socket.terminate();
  }

  #receive(data: WebSocket.RawData): void {
    this.#noteLife();
    // ws hands out one Buffer under its default binaryType, `nodebuffer`.
    if (Buffer.isBuffer(data)) this.#listener.onFrame(data);
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
