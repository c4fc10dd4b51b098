import type { EcshError } from '#domain/errors/errors.ts';
import { describeDestination, type PortDestination } from '#domain/port-forward.ts';
import type { SessionPorts } from '#session/session-options.ts';
import { ForwardRoute, type ForwardRouteOptions } from './forward-route.ts';
import type { LocalConnection } from './listener.ts';
import type { Tunnel, TunnelListener } from './route.ts';

export type PortTunnelOptions = Omit<ForwardRouteOptions, 'destination' | 'onFailure'>;

/**
 * Carries connections over sessions of Session Manager, one for each host and port. The agent does not report when it
 * has connected, so a connection counts as connected at once, and is reset if it is refused.
 */
export class PortTunnel implements Tunnel {
  readonly #ports: SessionPorts;
  readonly #options: PortTunnelOptions;
  readonly #routes = new Map<string, Promise<ForwardRoute>>();

  constructor(ports: SessionPorts, options: PortTunnelOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Each destination has its own. */
  get sessionId(): undefined {
    return undefined;
  }

  async open(): Promise<void> {
    // Sessions open with the first connection to their destination.
  }

  connect(
    destination: PortDestination,
    connection: LocalConnection,
    listener: TunnelListener,
  ): void {
    this.#routeTo(destination).then(
      (route) => {
        listener.onConnected();
        route.accept(connection);
      },
      (error: EcshError) => {
        listener.onRefused('failed');
        this.#options.onNotice(`${describeDestination(destination)}: ${error.message}`);
      },
    );
  }

  async settle(): Promise<void> {
    await this.#each((route) => route.settle());
  }

  async close(): Promise<void> {
    await this.#each((route) => route.close());
  }

  #routeTo({ host, port }: PortDestination): Promise<ForwardRoute> {
    const isContainer = host !== undefined && LOOPBACK.test(host);
    const destination = { host: isContainer ? undefined : host, port };
    const key = describeDestination(destination);
    const route = this.#routes.get(key) ?? this.#openRoute(destination);
    this.#routes.set(key, route);
    // The next connection may succeed.
    route.catch(() => this.#routes.delete(key));
    return route;
  }

  async #openRoute(destination: PortDestination): Promise<ForwardRoute> {
    const route = new ForwardRoute(this.#ports, {
      ...this.#options,
      destination,
      onFailure: (error) => {
        this.#routes.delete(describeDestination(destination));
        this.#options.onNotice(`${describeDestination(destination)}: ${error.message}`);
      },
    });
    await route.open();
    return route;
  }

  async #each(run: (route: ForwardRoute) => Promise<void>): Promise<void> {
    await Promise.allSettled([...this.#routes.values()].map(async (route) => run(await route)));
  }
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|0:0:0:0:0:0:0:1)$/i;
