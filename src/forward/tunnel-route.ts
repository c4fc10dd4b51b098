import { describeDestination, type PortDestination } from '#domain/port-forward.ts';
import type { LocalConnection } from './listener.ts';
import type { Refusal } from './proxy-step.ts';
import type { Route, Tunnel } from './route.ts';

export interface TunnelRouteOptions {
  readonly tunnel: Tunnel;
  readonly destination: PortDestination;
  readonly onNotice: (text: string) => void;
}

/** The route of local connections to one port through a tunnel, which others share. */
export class TunnelRoute implements Route {
  readonly #options: TunnelRouteOptions;
  #wasRefusalSaid = false;

  constructor(options: TunnelRouteOptions) {
    this.#options = options;
  }

  get name(): string {
    return describeDestination(this.#options.destination);
  }

  get sessionId(): string | undefined {
    return this.#options.tunnel.sessionId;
  }

  async open(): Promise<void> {
    // The owner of the tunnel has opened it.
  }

  accept(connection: LocalConnection): void {
    const { tunnel, destination } = this.#options;
    tunnel.connect(destination, connection, {
      onConnected: () => {
        this.#wasRefusalSaid = false;
      },
      onRefused: (why) => {
        connection.reset();
        this.#reportRefusal(why);
      },
    });
  }

  async settle(): Promise<void> {
    // The owner of the tunnel waits for all of it.
  }

  async close(): Promise<void> {
    // The owner of the tunnel closes it.
  }

  /** Reports only once, not for each of the fifty connections of a browser. */
  #reportRefusal(why: Refusal): void {
    if (this.#wasRefusalSaid) return;
    this.#wasRefusalSaid = true;
    this.#options.onNotice(`Cannot connect to ${this.name} from the container: ${REASONS[why]}.`);
  }
}

export const REASONS: Readonly<Record<Refusal, string>> = {
  refused: 'the connection was refused',
  unreachable: 'the host is unreachable',
  'unknown-host': 'the host name is unknown',
  'timed-out': 'the connection timed out',
  failed: 'the connection failed',
};
