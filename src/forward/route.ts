import type { PortDestination } from '#domain/port-forward.ts';
import type { LocalConnection } from './listener.ts';
import type { Refusal } from './proxy-step.ts';

/** The destination of the connections to one local port. */
export interface Route {
  /** The form that the user would type. */
  readonly name: string;
  /** Undefined while it has no session. */
  readonly sessionId: string | undefined;
  /** @throws EcshError if it cannot be opened */
  open(): Promise<void>;
  /** Carries a local connection. */
  accept(connection: LocalConnection): void;
  /** Resolves when the remote side has all data that programs sent before they ended, or after a limit. */
  settle(): Promise<void>;
  /** Ends the route and its connections. Never throws. */
  close(): Promise<void>;
}

/** A route from this machine to any host and port that the task reaches. */
export interface Tunnel {
  readonly sessionId: string | undefined;
  /** @throws EcshError if it cannot be opened */
  open(): Promise<void>;
  /** Connects to a port and carries a local connection there. */
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
  /** The remote side is connected. Called before the local connection is read or written. */
  onConnected(): void;
  /** Called instead of `onConnected`. The caller keeps the local connection. */
  onRefused(why: Refusal): void;
}
