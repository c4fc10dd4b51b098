import type { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { describeDestination, type PortForward } from '#domain/port-forward.ts';
import { END_SIGNALS, type EndSignal, type Signals } from '#domain/ports/system-ports.ts';
import { Quit } from '#session/quit.ts';
import type { SessionPorts } from '#session/remote-session.ts';
import { UnansweredError } from '#session/session-call.ts';
import { unlessAborted } from '#session/unless-aborted.ts';
import { mayLackRoom, noRoomLeft, roomNotice } from './forward-errors.ts';
import { ForwardRoute, type ForwardRouteOptions } from './forward-route.ts';
import type { Listen, LocalListener } from './listener.ts';

export interface ForwardPorts extends SessionPorts {
  readonly signals: Signals;
  readonly listen: Listen;
}

/** What listens, and where it leads to. */
export interface OpenForward extends PortForward {
  readonly addresses: readonly string[];
  readonly sessionId: string | undefined;
}

export interface ForwardOptions
  extends Omit<ForwardRouteOptions, 'destination' | 'quit' | 'onFailure' | 'onSilence'> {
  readonly forwards: readonly PortForward[];
  /** Where to listen; see `ListenRequest`. */
  readonly addresses: readonly string[];
  /** `stop` ends everything, and is the status to exit with then. */
  readonly onReady: (open: readonly OpenForward[], stop: (status: number) => void) => void;
  /** Runs while the forwards last, which end with it; resolves with the status to exit with. */
  readonly run?:
    | ((open: readonly OpenForward[], abort: AbortSignal) => Promise<number>)
    | undefined;
}

const ECHO_MS = 1_000;

/**
 * Forwards local ports until a signal, or the end of `run`.
 *
 * @returns the status to exit with
 * @throws EcshError when a port is taken, or there is no session to be had, at first or later
 */
export async function runForward(ports: ForwardPorts, options: ForwardOptions): Promise<number> {
  return new ForwardRun(ports, options).complete();
}

class ForwardRun {
  readonly #ports: ForwardPorts;
  readonly #options: ForwardOptions;
  readonly #routes: ReadonlyMap<string, ForwardRoute>;
  readonly #listeners: { readonly forward: PortForward; readonly listener: LocalListener }[] = [];
  readonly #quit = new Quit();
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
    this.#routes = this.#createRoutes();
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async complete(): Promise<number> {
    const forget = END_SIGNALS.map((signal) =>
      this.#ports.signals.on(signal, () => this.#heed(signal)),
    );
    try {
      // First of all: what is taken already is to be told before anything is opened.
      await this.#listen();
      await this.#openRoutes();
      const status = await this.#serve();
      if (this.#stoppedWith !== undefined) return this.#stoppedWith;
      if (this.#error !== undefined) throw this.#error;
      return status;
    } catch (error) {
      if (this.#stoppedWith === undefined) throw error;
      if (error instanceof UnansweredError) this.#say(error.message);
      return this.#stoppedWith;
    } finally {
      for (const { listener } of this.#listeners) listener.close();
      this.#quit.ask();
      await Promise.all(this.#eachRoute((route) => route.close()));
      for (const run of forget) run();
    }
  }

  /** StartSession takes one port: forwards of the same one share its session. */
  #createRoutes(): ReadonlyMap<string, ForwardRoute> {
    const routes = new Map<string, ForwardRoute>();
    for (const { host, port } of this.#options.forwards) {
      const key = describeDestination({ host, port });
      if (routes.has(key)) continue;
      const { link } = this.#options;
      const route = new ForwardRoute(this.#ports, {
        ...this.#options,
        // It is the same task for all of them.
        link: { ...link, watchesTask: link.watchesTask && routes.size === 0 },
        destination: { host, port },
        // Node warns of a leak when more than ten listen to the same one.
        quit: {
          signal: AbortSignal.any([this.#quit.signal]),
          forced: AbortSignal.any([this.#quit.forced]),
        },
        onNotice: (text) => this.#say(text),
        onFailure: (error) => this.#fail(error),
        onSilence: () => this.#whySilent(),
      });
      routes.set(key, route);
    }
    return routes;
  }

  async #listen(): Promise<void> {
    const { forwards, addresses } = this.#options;
    for (const forward of forwards) {
      const request = { addresses, port: forward.localPort };
      const listener = await this.#ports.listen(request, (connection) =>
        this.#routeOf(forward).accept(connection),
      );
      this.#listeners.push({ forward, listener });
    }
  }

  async #openRoutes(): Promise<void> {
    const { target, onNotice } = this.#options;
    if (mayLackRoom(target.task, this.#routes.size)) onNotice(roomNotice(this.#routes.size));
    const openings = this.#eachRoute((route) => route.open());
    try {
      await Promise.all(openings);
    } catch (error) {
      this.#quit.ask();
      // Those that are on their way end the sessions that they have begun.
      await Promise.allSettled(openings);
      throw error;
    }
  }

  async #serve(): Promise<number> {
    if (this.#stoppedWith !== undefined || this.#error !== undefined) return 0;
    this.#hasOpened = true;
    const open = this.#listeners.map(({ forward, listener }) => ({
      ...forward,
      localPort: listener.port,
      addresses: listener.addresses,
      sessionId: this.#routeOf(forward).sessionId,
    }));
    this.#options.onReady(open, (status) => this.#stop(status));
    const { run } = this.#options;
    if (run === undefined) {
      await this.#ended;
      return 0;
    }
    this.#isRunning = true;
    const status = await run(open, this.#quit.signal);
    this.#isRunning = false;
    if (this.#quit.signal.aborted) return status;
    const settled = Promise.all(this.#eachRoute((route) => route.settle()));
    await unlessAborted(this.#quit.signal, settled);
    return status;
  }

  #eachRoute(run: (route: ForwardRoute) => Promise<void>): readonly Promise<void>[] {
    return [...this.#routes.values()].map(run);
  }

  #routeOf(forward: PortForward): ForwardRoute {
    const route = this.#routes.get(describeDestination(forward));
    if (route === undefined) throw new Error('every forward has a route');
    return route;
  }

  /** The agent answers some of our sessions and not others: those hold the places of these. */
  #whySilent(): EcshError | undefined {
    const routes = [...this.#routes.values()];
    const open = routes.filter(({ sessionId }) => sessionId !== undefined);
    if (this.#hasOpened || open.length === 0) return undefined;
    const silent = routes.filter((route) => !open.includes(route));
    return noRoomLeft(open.map(nameOf), silent.map(nameOf));
  }

  /** Several sessions have the same to say at the same time. */
  #say(text: string): void {
    const now = this.#ports.clock.now();
    const isEcho = this.#lastNotice.text === text && now - this.#lastNotice.at < ECHO_MS;
    if (!isEcho) this.#options.onNotice(text);
    this.#lastNotice = { text, at: now };
  }

  /** Ctrl-C is for the program, which shares our terminal. */
  #heed(signal: EndSignal): void {
    if (!this.#isRunning || signal !== 'SIGINT') this.#stop(signalStatus(signal));
  }

  #stop(status: number): void {
    this.#stoppedWith ??= status;
    this.#quit.insist();
    this.#end();
  }

  #fail(error: EcshError): void {
    this.#error ??= error;
    this.#quit.ask();
    this.#end();
  }
}

function nameOf({ destination }: ForwardRoute): string {
  return describeDestination(destination);
}
