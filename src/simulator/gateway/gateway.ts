import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AccessKey } from '#simulator/api/credentials.ts';
import { isAllowedOn, sessionArn } from '#simulator/api/denial.ts';
import { checkSignature } from '#simulator/api/signature.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { Faults } from './faults.ts';
import type { GatewaySession } from './gateway-session.ts';

/** The name of the service that an upgrade is signed for (PROTOCOL 1.5). */
const SIGNED_SERVICE = 'ssmmessages';
const PATH = /^\/v1\/data-channel\/([^/]+)$/;
/** Longer than any frame of either peer. */
const MAX_FRAME = 16 * 1024 * 1024;

export interface GatewayOptions {
  readonly fleet: Fleet;
  readonly sessions: ReadonlyMap<string, GatewaySession>;
  readonly faults: () => Faults;
  /** The access key that callers sign with. */
  readonly key: AccessKey;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** The message gateway's websockets: upgrades, and the frame that opens a data channel (1.5, 1.6). */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
  });

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      this.#options.log(`gateway: upgrade refused with ${refusal}`);
      socket.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => {
      client.on('error', (error) => this.#options.log(`gateway: ${error.message}`));
      client.once('message', (data, isBinary) => {
        this.#open(this.#session(request), client, isBinary ? undefined : data.toString());
      });
    });
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  /** Status line of the refusal; undefined if the upgrade is accepted. */
  #refusal(request: IncomingMessage): string | undefined {
    const { refuseUpgrade, requireSignature } = this.#options.faults();
    const url = parseUrl(request);
    if (!PATH.test(url.pathname)) return '404 Not Found';
    const session = this.#session(request);
    if (session === undefined) return '400 Bad Request';
    if (url.searchParams.get('role') !== 'publish_subscribe') return '400 Bad Request';
    if (refuseUpgrade) return '403 Forbidden';
    const signature = this.#signature(request);
    // Without a signature there is no caller whom a policy could deny; the token is checked later.
    if (signature === 'missing') return requireSignature ? '403 Forbidden' : undefined;
    return signature === 'valid' && this.#mayOpen(session) ? undefined : '403 Forbidden';
  }

  /** Whether the upgrade is signed for the gateway of this region (W-1). */
  #signature(request: IncomingMessage): 'missing' | 'wrong' | 'valid' {
    const { key, now, fleet } = this.#options;
    const verdict = checkSignature(request, { key, now: now(), body: new Uint8Array() });
    if (verdict.kind === 'missing') return 'missing';
    if (verdict.kind !== 'valid') return 'wrong';
    const { service, region } = verdict.authorization;
    return service === SIGNED_SERVICE && region === fleet.region ? 'valid' : 'wrong';
  }

  /** Whether the caller may open this session's data channel (W-2). */
  #mayOpen({ id }: GatewaySession): boolean {
    const { fleet } = this.#options;
    const action = 'ssmmessages:OpenDataChannel';
    return isAllowedOn(fleet, { action, resource: sessionArn(fleet, id), context: new Map() });
  }

  #session(request: IncomingMessage): GatewaySession | undefined {
    const id = PATH.exec(parseUrl(request).pathname)?.[1];
    return id === undefined ? undefined : this.#options.sessions.get(decodeURIComponent(id));
  }

  #open(session: GatewaySession | undefined, client: WebSocket, text: string | undefined): void {
    const token = readToken(text);
    if (session === undefined || token === undefined || !session.useToken(token)) {
      this.#options.log('gateway: data channel refused: no open frame with a valid token');
      client.close(1008, 'invalid token');
      return;
    }
    session.attachClient(client);
  }
}

/** The token of an open-data-channel frame; undefined if a required field is missing. */
function readToken(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof frame !== 'object' || frame === null) return undefined;
  const isComplete = ['MessageSchemaVersion', 'RequestId'].every(
    (name) => typeof Reflect.get(frame, name) === 'string',
  );
  const token: unknown = Reflect.get(frame, 'TokenValue');
  return isComplete && typeof token === 'string' ? token : undefined;
}

function parseUrl(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://simulator.invalid');
}
