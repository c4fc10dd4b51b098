import { Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import type { PortDestination } from '#domain/port-forward.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { Capture } from '#session/capture.ts';
import type { CommandSession } from './command-session.ts';
import { DIALERS, type Dialer, FIND_DIALER } from './dialers.ts';
import { ExecConnection } from './exec-connection.ts';
import { dialerMissing } from './forward-errors.ts';
import type { LocalConnection } from './listener.ts';
import type { Tunnel, TunnelListener } from './route.ts';

export interface ExecTunnelOptions {
  readonly clock: Clock;
  readonly session: CommandSession;
  /** The session cannot carry further connections. */
  readonly onFailure: (error: EcshError) => void;
  readonly onDebug: (text: string) => void;
}

/** The time limit for local programs to send their last bytes, in milliseconds. */
const SETTLE_LIMIT_MS = 5_000;

/**
 * Carries connections over ecs:ExecuteCommand only. For each one, a program of the image connects its stdin and
 * stdout to the port. Any number of them share one session.
 */
export class ExecTunnel implements Tunnel {
  readonly #options: ExecTunnelOptions;
  readonly #connections = new Set<ExecConnection>();
  #dialer: Dialer | undefined;
  #sessionId: string | undefined;

  constructor(options: ExecTunnelOptions) {
    this.#options = options;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** @throws EcshError `dialer-missing`, or the reason why there is no session */
  async open(): Promise<void> {
    const stdout = new Capture();
    const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
    const result = await this.#options.session.start(FIND_DIALER, { stdout, stderr }).ended;
    if (result.failure !== undefined) throw result.failure;
    this.#sessionId = result.sessionId;
    const program = `${stdout}`.trim();
    this.#dialer = DIALERS.find((dialer) => dialer.program === program);
    if (this.#dialer === undefined) throw dialerMissing();
    this.#options.onDebug(`connections are made by ${program} of the image`);
  }

  connect(destination: PortDestination, local: LocalConnection, listener: TunnelListener): void {
    const { session, clock, onFailure, onDebug } = this.#options;
    if (this.#dialer === undefined) throw new Error('The tunnel is not open.');
    const connection: ExecConnection = new ExecConnection({
      clock,
      session,
      dialer: this.#dialer,
      destination,
      local,
      listener: {
        ...listener,
        onEnded: (error) => {
          this.#connections.delete(connection);
          if (error !== undefined) onFailure(error);
        },
      },
      onDebug,
    });
    this.#connections.add(connection);
  }

  async settle(): Promise<void> {
    const ended = Promise.all([...this.#connections].map((connection) => connection.ended));
    let cancel: () => void = () => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(SETTLE_LIMIT_MS, resolve);
    });
    await Promise.race([ended, limit]);
    cancel();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.reset();
    await this.#options.session.close();
  }
}
