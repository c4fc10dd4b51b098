import type { Agent } from 'node:http';
import WebSocket from 'ws';
import { EcshError } from '../domain/errors.ts';
import { explainUntrusted, isUntrusted } from '../domain/network-errors.ts';
import type { Clock, FrameListener, FrameTransport, OpenTransport } from '../domain/ports.ts';
import { atStreamHost } from './stream-host.ts';

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
  /** For proxies and private certificates (W-4). */
  readonly agents?: { readonly httpAgent: Agent; readonly httpsAgent: Agent } | undefined;
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
    const socket = await openSigned(url, options, signal);
    return new LiveSocket(socket, listener, options.clock);
  };
}

/**
 * W-2: who may not open data channels with a signature may still do so without one, as long as the
 * service takes those. One more try, then the refusal of the signed one counts.
 */
async function openSigned(
  url: string,
  options: WebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocket> {
  const headers = await options.sign(url);
  try {
    return await openSocket(url, headers, options, signal);
  } catch (error) {
    if (!(error instanceof UpgradeRefused)) throw error;
    const { status } = error;
    if (status !== FORBIDDEN || Object.keys(headers).length === 0) throw refused(status);
    return await openSocket(url, {}, options, signal).catch((second: unknown) => {
      throw second instanceof UpgradeRefused ? refused(status) : second;
    });
  }
}

const FORBIDDEN = 403;

/** The far end answered the upgrade with a status. */
class UpgradeRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP status ${status}`);
    this.status = status;
  }
}

async function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  { agents }: WebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocket> {
  const agent = url.startsWith('wss:') ? agents?.httpsAgent : agents?.httpAgent;
  const socket = new WebSocket(url, {
    headers: { ...headers },
    ...(agent === undefined ? {} : { agent }),
    // PROTOCOL 1.5: no peer offers compression.
    perMessageDeflate: false,
    handshakeTimeout: UPGRADE_TIMEOUT_MS,
    maxPayload: MAX_FRAME_BYTES,
    // What the container sends is not text to be checked: a frame is bytes (W-5).
    skipUTF8Validation: true,
  });
  await upgraded(socket, signal);
  return socket;
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
      settle(() => reject(new UpgradeRefused(response.statusCode ?? 0)));
      socket.terminate();
    });
    socket.once('error', (error) => settle(() => reject(explained(socket.url, error))));
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

function explained(url: string, cause: Error): EcshError {
  // Of the agents: a proxy that is in the way.
  if (cause instanceof EcshError) return cause;
  const { host } = new URL(url);
  const errno = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (isUntrusted(errno)) {
    const { code, message, hint } = explainUntrusted(host, cause.message, errno);
    return new EcshError(code, message, { hint, cause });
  }
  return unreachable(host, cause);
}

function unreachable(host: string, cause: Error): EcshError {
  return new EcshError(
    'channel-unreachable',
    `Cannot open the data channel to ${host}: ${cause.message}.`,
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
