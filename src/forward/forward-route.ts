import { EcshError } from '#domain/errors/errors.ts';
import { describeDestination, type PortDestination } from '#domain/port-forward.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { findReadyTarget, type TargetRequest } from '#session/ready-target.ts';
import type { SessionPorts } from '#session/remote-session.ts';
import { mayReopen } from './forward-errors.ts';
import { ForwardSession, type ForwardSessionOptions } from './forward-session.ts';
import type { LocalConnection } from './listener.ts';

export interface ForwardRouteOptions
  extends Omit<ForwardSessionOptions, 'onRefused' | 'onAnswered'> {
  readonly flags: TargetRequest['flags'];
  /** There is no session, and none to be had. */
  readonly onFailure: (error: EcshError) => void;
}

/** One that ends sooner is no reason to open the next: something ends them all. Milliseconds. */
const WORTHY_LIFE_MS = 10_000;

/**
 * The way of local connections to one port. A session that ends takes its connections with it; the
 * next connection opens another session, and not the end: one that idled out is not missed before.
 */
export class ForwardRoute {
  readonly #ports: SessionPorts;
  readonly #options: ForwardRouteOptions;
  #target: ReadyTarget;
  #session: ForwardSession | undefined;
  /** Those that came while there was no session. */
  #waiting: LocalConnection[] = [];
  /** From the first: its owner opens it as soon as everything listens. */
  #isOpening = true;
  #reopening = Promise.resolve();
  #isClosed = false;
  #openedAt = 0;
  #wasRefusalSaid = false;

  constructor(ports: SessionPorts, options: ForwardRouteOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#target = options.target;
  }

  get destination(): PortDestination {
    return this.#options.destination;
  }

  /** Undefined while there is none. */
  get sessionId(): string | undefined {
    return this.#session?.id;
  }

  /** @throws EcshError when there is no session to be had */
  async open(): Promise<void> {
    this.#isOpening = true;
    try {
      const session = await ForwardSession.open(this.#ports, {
        ...this.#options,
        target: this.#target,
        onRefused: () => this.#sayRefusal(),
        onAnswered: () => {
          this.#wasRefusalSaid = false;
        },
      });
      this.#openedAt = this.#ports.clock.now();
      if (this.#isClosed) return await session.terminate();
      this.#session = session;
      void this.#watch(session);
      for (const connection of this.#waiting.splice(0)) session.join(connection);
    } finally {
      this.#isOpening = false;
    }
  }

  /** Takes a local connection, for which it opens a session if need be. */
  accept(connection: LocalConnection): void {
    if (this.#isClosed) {
      connection.reset();
    } else if (this.#session !== undefined) {
      this.#session.join(connection);
    } else {
      this.#waiting.push(connection);
      if (!this.#isOpening) this.#reopening = this.#reopen();
    }
  }

  /** See `ForwardSession.settle`. */
  async settle(): Promise<void> {
    await this.#session?.settle();
  }

  /** Ends its session and its connections. Never throws. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const session = this.#session;
    this.#session = undefined;
    for (const connection of this.#waiting.splice(0)) connection.reset();
    // One that AWS has begun by now is to be ended as well.
    await Promise.all([session?.terminate(), this.#reopening]);
  }

  async #watch(session: ForwardSession): Promise<void> {
    const error = await session.untilEnd();
    if (this.#isClosed) return;
    this.#session = undefined;
    const life = this.#ports.clock.now() - this.#openedAt;
    // What has not ended for the service would keep its place.
    await session.terminate();
    if (!mayReopen(error) || life < WORTHY_LIFE_MS) return this.#fail(error);
    await this.#checkTask(error);
  }

  /** A task that has stopped is not to be waited for. */
  async #checkTask(reason: EcshError): Promise<void> {
    try {
      await this.#lookAgain();
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      return this.#fail(error);
    }
    const { onNotice } = this.#options;
    const name = describeDestination(this.destination);
    onNotice(`${reason.message} The next connection to ${name} opens another one.`);
  }

  async #reopen(): Promise<void> {
    try {
      await this.open();
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      this.#fail(error);
    }
  }

  /** The same container again, as it is now. */
  async #lookAgain(): Promise<void> {
    const { flags, patience, quit } = this.#options;
    const { task, container } = this.#target;
    const request = {
      target: `${task.taskArn}@${container.name}`,
      cluster: nameInArn(task.clusterArn),
      container: undefined,
      strict: false,
      flags,
    };
    this.#target = await findReadyTarget(await this.#ports.ecs(), request, patience, quit.signal);
  }

  #fail(error: EcshError): void {
    if (this.#isClosed) return;
    this.#options.onFailure(error);
  }

  /** Once, and not for every one of the fifty connections of a browser. */
  #sayRefusal(): void {
    if (this.#wasRefusalSaid) return;
    this.#wasRefusalSaid = true;
    const { host, port } = this.destination;
    const where = host === undefined ? 'in the container' : `of ${host}`;
    this.#options.onNotice(
      `The agent cannot connect to port ${port} ${where}: nothing listens there, or it is out of reach.`,
    );
  }
}
