import type { EcshError } from '#domain/errors/errors.ts';
import type { PortForward, ProxyPort } from '#domain/port-forward.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { SessionPorts } from '#session/session-options.ts';
import type { ForwardRouteOptions } from './forward-route.ts';
import type { Listen } from './listener.ts';
import type { Tunnel } from './route.ts';

export interface ForwardPorts extends SessionPorts {
  readonly signals: Signals;
  readonly listen: Listen;
}

/** A local port, and the destination of its connections: a fixed one, or one that each connection names. */
export type LocalForward = (PortForward | ProxyPort) & {
  /** Where to listen (`ListenRequest`). Undefined means the addresses that all forwards share. */
  readonly addresses?: readonly string[] | undefined;
};

/** A forward that listens. */
export interface OpenForward {
  readonly addresses: readonly string[];
  readonly localPort: number;
  readonly host: string | undefined;
  /** Undefined for a proxy. */
  readonly port: number | undefined;
  readonly sessionId: string | undefined;
}

export interface TunnelHooks {
  /** The tunnel cannot carry further connections. */
  readonly onFailure: (error: EcshError) => void;
  readonly onNotice: (text: string) => void;
  /** A tunnel over sessions of Session Manager. */
  readonly createPortTunnel: () => Tunnel;
}

export interface ForwardOptions
  extends Omit<ForwardRouteOptions, 'destination' | 'cancellation' | 'onFailure' | 'onSilence'> {
  readonly forwards: readonly LocalForward[];
  readonly addresses: readonly string[];
  /** Carries the connections of proxies, and with `usesTunnel` all others too. */
  readonly createTunnel?: ((hooks: TunnelHooks) => Tunnel) | undefined;
  readonly usesTunnel?: boolean | undefined;
  /** `stop` ends everything with this exit status. */
  readonly onReady: (open: readonly OpenForward[], stop: (status: number) => void) => void;
  /** Runs alongside the forwards, which end when it ends. Resolves with the exit status. */
  readonly run?:
    | ((open: readonly OpenForward[], abort: AbortSignal) => Promise<number>)
    | undefined;
}
