import type { Clock } from '#domain/ports/system-ports.ts';
import type { LocalConnection } from './listener.ts';
import { ProxyClient } from './proxy-client.ts';
import type { Route, Tunnel } from './route.ts';

export interface ProxyRouteOptions {
  readonly clock: Clock;
  readonly tunnel: Tunnel;
  readonly onDebug: (text: string) => void;
}

/** A route whose connections name their own destination: SOCKS or HTTP CONNECT. */
export class ProxyRoute implements Route {
  readonly name = 'proxy';
  readonly #options: ProxyRouteOptions;
  readonly #clients = new Set<ProxyClient>();

  constructor(options: ProxyRouteOptions) {
    this.#options = options;
  }

  get sessionId(): string | undefined {
    return this.#options.tunnel.sessionId;
  }

  async open(): Promise<void> {
    // `Forward` opens the tunnel, which its routes share.
  }

  accept(connection: LocalConnection): void {
    const { clock, tunnel, onDebug } = this.#options;
    const client: ProxyClient = new ProxyClient({
      clock,
      connection,
      connect: (destination, listener) => tunnel.connect(destination, client, listener),
      onDebug,
      onClosed: () => this.#clients.delete(client),
    });
    this.#clients.add(client);
  }

  async settle(): Promise<void> {
    // `Forward` settles the tunnel.
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.reset();
  }
}
