import { EcshError } from '#domain/errors/errors.ts';
import type { PortDestination } from '#domain/port-forward.ts';
import type { LocalConnection } from './listener.ts';
import type { Tunnel, TunnelListener } from './route.ts';

/** A tunnel, and another one that replaces it if it cannot be opened. */
export class FallbackTunnel implements Tunnel {
  #tunnel: Tunnel;
  readonly #createOther: (error: EcshError) => Tunnel;

  /** @param createOther gets the error of the first tunnel */
  constructor(first: Tunnel, createOther: (error: EcshError) => Tunnel) {
    this.#tunnel = first;
    this.#createOther = createOther;
  }

  get sessionId(): string | undefined {
    return this.#tunnel.sessionId;
  }

  async open(): Promise<void> {
    try {
      await this.#tunnel.open();
    } catch (error) {
      if (!(error instanceof EcshError) || !REPLACEABLE.includes(error.code)) throw error;
      await this.#tunnel.close();
      this.#tunnel = this.#createOther(error);
      await this.#tunnel.open();
    }
  }

  connect(
    destination: PortDestination,
    connection: LocalConnection,
    listener: TunnelListener,
  ): void {
    this.#tunnel.connect(destination, connection, listener);
  }

  settle(): Promise<void> {
    return this.#tunnel.settle();
  }

  close(): Promise<void> {
    return this.#tunnel.close();
  }
}

/** Failures of the first tunnel that may not affect the other. */
const REPLACEABLE: readonly string[] = [
  'dialer-missing',
  'access-denied',
  'command-not-found',
  'image-lacks-tools',
];
