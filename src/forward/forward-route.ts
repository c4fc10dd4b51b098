import { EcshError } from '#domain/errors/errors.ts';
import { describeDestination } from '#domain/port-forward.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { findReadyTarget, type TargetRequest } from '#session/ready-target.ts';
import type { SessionPorts } from '#session/session-options.ts';
import { mayReopen } from './forward-errors.ts';
import { ForwardSession, type ForwardSessionOptions } from './forward-session.ts';
import type { LocalConnection } from './listener.ts';
import type { Route } from './route.ts';

export interface ForwardRouteOptions
  extends Omit<ForwardSessionOptions, 'onRefused' | 'onAnswered'> {
  readonly flags: TargetRequest['flags'];
  /** There is no session, and another one cannot be opened. */
  readonly onFailure: (error: EcshError) => void;
}

/** A session that ends sooner is not replaced, because the same cause would end the next one. Milliseconds. */
const MIN_LIFE_MS = 10_000;

/**
 * Carries local connections to one port over its own session. If a session ends, its connections end too, and the next
 * connection opens another session. A session that idled out is not needed before that.
 */
export class ForwardRoute implements Route {
  readonly #ports: SessionPorts;
  readonly #options: ForwardRouteOptions;
  #target: ReadyTarget;
  #session: ForwardSession | undefined;
  /** Connections that arrived while there was no session. */
  #waiting: LocalConnection[] = [];
  /** True from the start: the owner opens the route as soon as everything listens. */
  #isOpening = true;
  #reopening = Promise.resolve();
  #isClosed = false;
  #openedAt = 0;
  #wasRefusalReported = false;

  constructor(ports: SessionPorts, options: ForwardRouteOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#target = options.target;
  }

  get name(): string {
    return describeDestination(this.#options.destination);
  }

  get sessionId(): string | undefined {
    return this.#session?.id;
  }

  /** @throws EcshError if there is no session */
  async open(): Promise<void> {
    this.#isOpening = true;
    try {
      const session = await ForwardSession.open(this.#ports, {
        ...this.#options,
        target: this.#target,
        onRefused: () => this.#reportRefusal(),
        onAnswered: () => {
          this.#wasRefusalReported = false;
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

  /** Takes a local connection, and opens a session for it if there is none. */
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
    // A session that AWS has just started must be ended too.
    await Promise.all([session?.terminate(), this.#reopening]);
  }

  async #watch(session: ForwardSession): Promise<void> {
    const error = await session.untilEnd();
    if (this.#isClosed) return;
    this.#session = undefined;
    const life = this.#ports.clock.now() - this.#openedAt;
    // Otherwise AWS might still count it against the container's limit.
    await session.terminate();
    if (!mayReopen(error) || life < MIN_LIFE_MS) return this.#fail(error);
    await this.#checkTask(error);
  }

  /** Do not wait for a task that has stopped. */
  async #checkTask(reason: EcshError): Promise<void> {
    try {
      await this.#refreshTarget();
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      return this.#fail(error);
    }
    const { onNotice } = this.#options;
    onNotice(`${reason.message} The next connection to ${this.name} opens another one.`);
  }

  async #reopen(): Promise<void> {
    try {
      await this.open();
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      this.#fail(error);
    }
  }

  /** The same container, in its current state. */
  async #refreshTarget(): Promise<void> {
    const { flags, retryPolicy, cancellation } = this.#options;
    const { task, container } = this.#target;
    const request = {
      target: `${task.taskArn}@${container.name}`,
      cluster: nameInArn(task.clusterArn),
      container: undefined,
      strict: false,
      flags,
    };
    this.#target = await findReadyTarget(
      await this.#ports.ecs(),
      request,
      retryPolicy,
      cancellation.signal,
    );
  }

  #fail(error: EcshError): void {
    if (this.#isClosed) return;
    this.#options.onFailure(error);
  }

  /** Reports only once, not for each of the fifty connections of a browser. */
  #reportRefusal(): void {
    if (this.#wasRefusalReported) return;
    this.#wasRefusalReported = true;
    const { host, port } = this.#options.destination;
    const where = host === undefined ? 'in the container' : `of ${host}`;
    this.#options.onNotice(
      `The agent cannot connect to port ${port} ${where}: nothing listens there, or it cannot be reached.`,
    );
  }
}
