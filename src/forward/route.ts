import type { PortDestination } from '#domain/port-forward.ts';
import type { LocalConnection } from './listener.ts';
import type { Refusal } from './proxy-step.ts';

/** Where the connections of one local port go. */
export interface Route {
  /** As the user would type it. */
  readonly name: string;
  /** Undefined while it has no session. */
  readonly sessionId: string | undefined;
  /** @throws EcshError when it cannot be had */
  open(): Promise<void>;
  /** Takes a local connection. */
  accept(connection: LocalConnection): void;
  /** Settles when the far side has what programs sent before they ended, or it takes too long. */
  settle(): Promise<void>;
  /** Ends the route and its connections. Never throws. */
  close(): Promise<void>;
}

/** A way from this machine to any host and port that the task reaches. */
export interface Tunnel {
  readonly sessionId: string | undefined;
  /** @throws EcshError when it cannot be had */
  open(): Promise<void>;
  /** Connects to a port, and then carries a local connection. */
  connect(
    destination: PortDestination,
    connection: LocalConnection,
    listener: TunnelListener,
  ): void;
  settle(): Promise<void>;
  /** Never throws. */
  close(): Promise<void>;
}

export interface TunnelListener {
  /** The far side is connected. Called before anything is read from, or written to, the local connection. */
  onConnected(): void;
  /** Called instead: the local connection is still the caller's. */
  onRefused(why: Refusal): void;
}
