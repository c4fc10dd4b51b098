import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { chooseProxy, type Destination } from './proxy-choice.ts';
import { trustIn } from './trust.ts';
import { openTunnel } from './tunnel.ts';

/** The route out of this machine, for API calls and websockets alike. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

export interface AgentOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file of certificates to trust in addition to those of Node.js. */
  readonly caBundle: string | undefined;
}

/**
 * Agents that honour the proxy variables and the CA bundle.
 *
 * @throws EcshError `ca-bundle-unreadable`
 */
export async function createAgents({ env, caBundle }: AgentOptions): Promise<Agents> {
  const trust =
    caBundle === undefined ? undefined : await trustIn(caBundle, env.NODE_EXTRA_CA_CERTS);
  const openTo: OpenTo = async (destination) => {
    const proxy = chooseProxy(destination, env);
    return proxy === undefined ? undefined : openTunnel(proxy, destination, trust);
  };
  return { httpAgent: new PlainAgent(openTo), httpsAgent: new SecureAgent(openTo, trust) };
}

/** A tunnel to the destination; undefined if the connection is direct. */
type OpenTo = (destination: Destination) => Promise<Duplex | undefined>;

type Callback = (error: Error | null, stream: Duplex) => void;

class PlainAgent extends HttpAgent {
  readonly #openTo: OpenTo;

  constructor(openTo: OpenTo) {
    super({ keepAlive: true });
    this.#openTo = openTo;
  }

  override createConnection(options: ClientRequestArgs, callback?: Callback): undefined {
    const direct = () => super.createConnection(options);
    deliver(async () => (await this.#openTo(destinationOf(options, false))) ?? direct(), callback);
  }
}

class SecureAgent extends HttpsAgent {
  readonly #openTo: OpenTo;

  constructor(openTo: OpenTo, secureContext: SecureContext | undefined) {
    super({ keepAlive: true, ...(secureContext === undefined ? {} : { secureContext }) });
    this.#openTo = openTo;
  }

  override createConnection(options: RequestOptions, callback?: Callback): undefined {
    const secured = (socket: Duplex | undefined) =>
      super.createConnection(
        socket === undefined ? options : Object.assign({ ...options }, { socket }),
      );
    deliver(async () => secured(await this.#openTo(destinationOf(options, true))), callback);
  }
}

/** Passes a connection, or a failure, to Node.js. */
function deliver(
  open: () => Promise<Duplex | null | undefined>,
  callback: Callback | undefined,
): void {
  // With an error there is no stream, although the types say so (Node, agent.createConnection).
  const fail = (error: unknown) => Reflect.apply(callback ?? ignore, undefined, [error]);
  open().then((stream) => {
    if (stream) callback?.(null, stream);
  }, fail);
}

function ignore(): void {}

function destinationOf(
  { host, hostname, port }: ClientRequestArgs,
  isSecure: boolean,
): Destination {
  const name = host ?? hostname ?? 'localhost';
  return { isSecure, hostname: name, port: Number(port ?? (isSecure ? 443 : 80)) };
}
