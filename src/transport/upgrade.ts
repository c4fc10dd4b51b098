import type { Agent, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { EcshError } from '#domain/errors/errors.ts';
import { explainUntrusted, isUntrusted } from '#domain/errors/network-errors.ts';
import type { Clock } from '#domain/ports/system-ports.ts';

/** PROTOCOL 1.5: the plugin's upgrade timeout. Ours is absolute, even if the answer arrives slowly. */
const UPGRADE_TIMEOUT_MS = 45_000;
/** After the peer's close frame; ws waits 30 s for the TCP connection to end. */
const CLOSE_TIMEOUT_MS = 1_000;
/** Agents send less than 1.2 KB, the service a few KB (PROTOCOL 1.5). */
const MAX_FRAME_BYTES = 1024 * 1024;
/** AWS accepts a signature whose time differs by about this much. */
const SKEW_LIMIT_MS = 5 * 60_000;
const FORBIDDEN = 403;

export interface UpgradeOptions {
  readonly clock: Clock;
  /** Headers that authenticate the upgrade (W-1). */
  readonly sign: (url: string) => Promise<Readonly<Record<string, string>>>;
  /** For proxies and private certificates (W-4). */
  readonly agents?: { readonly httpAgent: Agent; readonly httpsAgent: Agent } | undefined;
}

export interface OpenSocket {
  readonly socket: WebSocket;
  /** The underlying connection. */
  readonly stream: Duplex;
}

/**
 * Opens a websocket with a signed upgrade.
 *
 * W-2: a caller without ssmmessages:OpenDataChannel may still open a data channel unsigned, as long as AWS
 * accepts that. This tries once more; if it fails, it reports the refusal of the signed upgrade.
 */
export async function openSigned(
  url: string,
  options: UpgradeOptions,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const headers = await options.sign(url);
  try {
    return await openSocket(url, headers, options, signal);
  } catch (error) {
    if (!(error instanceof UpgradeRefused)) throw error;
    if (error.status !== FORBIDDEN || Object.keys(headers).length === 0) throw refused(error);
    return await openSocket(url, {}, options, signal).catch((second: unknown) => {
      throw second instanceof UpgradeRefused ? refused(error) : second;
    });
  }
}

/** The server answered the upgrade with an HTTP status. */
class UpgradeRefused extends Error {
  readonly status: number;
  /** How far this machine's clock is ahead of the server's, in milliseconds; 0 if unknown. */
  readonly skew: number;

  constructor({ statusCode = 0, headers }: IncomingMessage) {
    super(`HTTP status ${statusCode}`);
    this.status = statusCode;
    this.skew = headers.date === undefined ? 0 : Date.now() - Date.parse(headers.date);
  }
}

async function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  { agents, clock }: UpgradeOptions,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const agent = url.startsWith('wss:') ? agents?.httpsAgent : agents?.httpAgent;
  // A variable: @types/ws does not know closeTimeout, which ws has since 8.19.
  const settings = {
    headers: { ...headers },
    ...(agent === undefined ? {} : { agent }),
    // PROTOCOL 1.5: no peer offers compression.
    perMessageDeflate: false,
    closeTimeout: CLOSE_TIMEOUT_MS,
    maxPayload: MAX_FRAME_BYTES,
    // A frame is bytes, regardless of its type (W-5).
    skipUTF8Validation: true,
  };
  const socket = new WebSocket(url, settings);
  return { socket, stream: await upgraded(socket, clock, signal) };
}

function upgraded(socket: WebSocket, clock: Clock, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    const settle = (run: () => void) => {
      cancelTimer();
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners();
      // A later error has no other listener, and must not become an uncaught one.
      socket.on('error', () => undefined);
      run();
    };
    const cancelTimer = clock.after(UPGRADE_TIMEOUT_MS, () => {
      const seconds = UPGRADE_TIMEOUT_MS / 1000;
      const cause = new Error(`the upgrade was not answered within ${seconds} seconds`);
      settle(() => reject(explained(socket.url, cause)));
      socket.terminate();
    });
    socket.once('upgrade', (response) => {
      socket.once('open', () => {
        // Frames may follow the answer in the same packet, before there is a listener.
        socket.pause();
        settle(() => resolve(response.socket));
      });
    });
    socket.once('unexpected-response', (_request, response) => {
      settle(() => reject(new UpgradeRefused(response)));
      socket.terminate();
    });
    socket.once('error', (error) => settle(() => reject(explained(socket.url, error))));
    if (signal.aborted) abort();
  });
}

function refused(answer: UpgradeRefused): EcshError {
  return new EcshError(
    'channel-refused',
    `The service refused the data channel with HTTP status ${answer.status}.`,
    { hint: hintFor(answer) },
  );
}

/** W-2. */
function hintFor({ status, skew }: UpgradeRefused): string {
  if (status !== FORBIDDEN) {
    return 'Try again; if it stays, look for a proxy or an endpoint that answers in place of AWS.';
  }
  if (Math.abs(skew) > SKEW_LIMIT_MS) {
    const minutes = Math.round(Math.abs(skew) / 60_000);
    return `The clock of this machine is ${minutes} minutes ${skew > 0 ? 'ahead' : 'behind'}: set it, then try again.`;
  }
  return 'The caller needs ssmmessages:OpenDataChannel on its sessions; a wrong clock has the same effect.';
}

function explained(url: string, cause: Error): EcshError {
  // A proxy's refusal, explained by the agents.
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
