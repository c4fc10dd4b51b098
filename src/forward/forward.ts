import type { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { describeDestination } from '#domain/port-forward.ts';
import { END_SIGNALS, type EndSignal } from '#domain/ports/system-ports.ts';
import { UnansweredError } from '#session/start.ts';
import { Cancellation } from '#session/stop.ts';
import { unlessAborted } from '#session/unless-aborted.ts';
import { mayLackRoom, noRoomLeft, roomNotice } from './forward-errors.ts';
import type { ForwardOptions, ForwardPorts, LocalForward } from './forward-options.ts';
import { ForwardRoute, type ForwardRouteOptions } from './forward-route.ts';
import type { LocalConnection, LocalListener } from './listener.ts';
import { PortTunnel } from './port-tunnel.ts';
import { ProxyRoute } from './proxy-route.ts';
import type { Route, Tunnel } from './route.ts';
import { TunnelRoute } from './tunnel-route.ts';

const ECHO_MS = 1_000;

/**
 * Forwards local ports until a signal, or the end of `run`.
 *
 * @returns the exit status
 * @throws EcshError if a local port is in use, or there is no session, at the start or later
 */
export async function runForward(ports: ForwardPorts, options: ForwardOptions): Promise<number> {
  return new ForwardRun(ports, options).complete();
}

class ForwardRun {
  readonly #ports: ForwardPorts;
  readonly #options: ForwardOptions;
  readonly #tunnel: Tunnel | undefined;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #listeners: { readonly forward: LocalForward; readonly listener: LocalListener }[] = [];
  /** Connections that arrived before the tunnel was open. */
  readonly #early: { readonly route: Route; readonly connection: LocalConnection }[] = [];
  readonly #cancellation = new Cancellation();
  readonly #ended: Promise<void>;
  #end: () => void = () => undefined;
  #hasOpened = false;
  #isRunning = false;
  #lastNotice = { text: '', at: 0 };
  #stoppedWith: number | undefined;
  #error: EcshError | undefined;

  constructor(ports: ForwardPorts, options: ForwardOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#tunnel = options.createTunnel?.({
      onFailure: (error) => this.#fail(error),
      onNotice: (text) => this.#notify(text),
      createPortTunnel: () => new PortTunnel(ports, this.#routeOptions(true)),
    });
    this.#routes = this.#createRoutes();
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async complete(): Promise<number> {
    const forget = END_SIGNALS.map((signal) =>
      this.#ports.signals.on(signal, () => this.#onSignal(signal)),
    );
    try {
      // This is first, because a local port that is in use should not cost a session.
      await this.#listen();
      await this.#openRoutes();
      const status = await this.#serve();
      if (this.#stoppedWith !== undefined) return this.#stoppedWith;
      if (this.#error !== undefined) throw this.#error;
      return status;
    } catch (error) {
      if (this.#stoppedWith === undefined) throw error;
      if (error instanceof UnansweredError) this.#notify(error.message);
      return this.#stoppedWith;
    } finally {
      for (const { listener } of this.#listeners) listener.close();
      for (const { connection } of this.#early) connection.reset();
      this.#cancellation.cancel();
      await Promise.all(this.#eachRoute((route) => route.close()));
      await this.#tunnel?.close();
      for (const run of forget) run();
    }
  }

  /** StartSession takes one port: forwards to the same port share its session. */
  #createRoutes(): ReadonlyMap<string, Route> {
    const routes = new Map<string, Route>();
    for (const forward of this.#options.forwards) {
      const key = keyOf(forward);
      if (!routes.has(key)) routes.set(key, this.#createRoute(forward, routes.size === 0));
    }
    return routes;
  }

  #createRoute(forward: LocalForward, isFirst: boolean): Route {
    const { usesTunnel, onDebug } = this.#options;
    const tunnel = this.#tunnel;
    if (!('port' in forward)) {
      if (tunnel === undefined) throw new Error('A proxy needs a tunnel.');
      return new ProxyRoute({ clock: this.#ports.clock, tunnel, onDebug });
    }
    const { host, port } = forward;
    const destination = { host, port };
    if (usesTunnel && tunnel !== undefined) {
      return new TunnelRoute({ tunnel, destination, onNotice: (text) => this.#notify(text) });
    }
    return new ForwardRoute(this.#ports, {
      ...this.#routeOptions(isFirst),
      destination,
      onFailure: (error) => this.#fail(error),
    });
  }

  #routeOptions(isFirst: boolean): Omit<ForwardRouteOptions, 'destination' | 'onFailure'> {
    const { link } = this.#options;
    return {
      ...this.#options,
      // All routes lead to the same task.
      link: { ...link, watchesTask: link.watchesTask && isFirst },
      // Node.js warns about a leak if more than ten listeners share a signal.
      cancellation: {
        signal: AbortSignal.any([this.#cancellation.signal]),
        forced: AbortSignal.any([this.#cancellation.forced]),
      },
      onNotice: (text) => this.#notify(text),
      onSilence: () => this.#whySilent(),
    };
  }

  async #listen(): Promise<void> {
    const { forwards, addresses } = this.#options;
    for (const forward of forwards) {
      const request = { addresses: forward.addresses ?? addresses, port: forward.localPort };
      const listener = await this.#ports.listen(request, (connection) =>
        this.#accept(this.#routeOf(forward), connection),
      );
      this.#listeners.push({ forward, listener });
    }
  }

  #accept(route: Route, connection: LocalConnection): void {
    if (this.#tunnel === undefined || this.#hasOpened) route.accept(connection);
    else this.#early.push({ route, connection });
  }

  async #openRoutes(): Promise<void> {
    const { target, onNotice, usesTunnel } = this.#options;
    const sessions = usesTunnel ? 1 : this.#routes.size;
    if (mayLackRoom(target.task, sessions)) onNotice(roomNotice(sessions));
    const openings = this.#eachRoute((route) => route.open());
    if (this.#tunnel !== undefined) {
      openings.push(unlessAborted(this.#cancellation.signal, this.#tunnel.open()));
    }
    try {
      await Promise.all(openings);
    } catch (error) {
      this.#cancellation.cancel();
      // Routes that are still opening end the sessions that they have started.
      await Promise.allSettled(openings);
      throw error;
    }
  }

  async #serve(): Promise<number> {
    if (this.#stoppedWith !== undefined || this.#error !== undefined) return 0;
    this.#hasOpened = true;
    for (const { route, connection } of this.#early.splice(0)) route.accept(connection);
    const open = this.#listeners.map(({ forward, listener }) => ({
      addresses: listener.addresses,
      localPort: listener.port,
      host: 'host' in forward ? forward.host : undefined,
      port: 'port' in forward ? forward.port : undefined,
      sessionId: this.#routeOf(forward).sessionId,
    }));
    this.#options.onReady(open, (status) => this.#stop(status));
    const { run } = this.#options;
    if (run === undefined) {
      await this.#ended;
      return 0;
    }
    this.#isRunning = true;
    const status = await run(open, this.#cancellation.signal);
    this.#isRunning = false;
    if (this.#cancellation.signal.aborted) return status;
    const settling = this.#eachRoute((route) => route.settle());
    await unlessAborted(
      this.#cancellation.signal,
      Promise.all([...settling, this.#tunnel?.settle()]),
    );
    return status;
  }

  #eachRoute(run: (route: Route) => Promise<void>): Promise<void>[] {
    return [...this.#routes.values()].map(run);
  }

  #routeOf(forward: LocalForward): Route {
    const route = this.#routes.get(keyOf(forward));
    if (route === undefined) throw new Error('Every forward has a route.');
    return route;
  }

  /** The agent answers some of our sessions, but not others: the first ones occupy the limit. */
  #whySilent(): EcshError | undefined {
    const routes = [...this.#routes.values()];
    const open = routes.filter(({ sessionId }) => sessionId !== undefined);
    if (this.#hasOpened || open.length === 0) return undefined;
    const silent = routes.filter((route) => !open.includes(route));
    return noRoomLeft(
      open.map(({ name }) => name),
      silent.map(({ name }) => name),
    );
  }

  /** Several sessions may report the same thing at the same time. */
  #notify(text: string): void {
    const now = this.#ports.clock.now();
    const isEcho = this.#lastNotice.text === text && now - this.#lastNotice.at < ECHO_MS;
    if (!isEcho) this.#options.onNotice(text);
    this.#lastNotice = { text, at: now };
  }

  /** Ctrl-C goes to the command, which shares our terminal. */
  #onSignal(signal: EndSignal): void {
    if (!this.#isRunning || signal !== 'SIGINT') this.#stop(signalStatus(signal));
  }

  #stop(status: number): void {
    this.#stoppedWith ??= status;
    this.#cancellation.cancelOrForce();
    this.#end();
  }

  #fail(error: EcshError): void {
    this.#error ??= error;
    this.#cancellation.cancel();
    this.#end();
  }
}

function keyOf(forward: LocalForward): string {
  return 'port' in forward ? describeDestination(forward) : 'proxy';
}
