import type { SessionsApi } from '#domain/ports/doctor-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ExecSession, KmsApi, SessionGuard, SsmApi } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { OpenTransport } from '#domain/ports/transport-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { quoteCommand } from '#envelope/command-line.ts';
import type { SessionKind } from '#protocol/handshake.ts';
import type { TerminalSize } from '#protocol/payload.ts';
import { Connection, type ConnectionListener } from './connection.ts';
import type { QuitSignals } from './quit.ts';
import type { Patience } from './ready-target.ts';
import { beginSession, quitError } from './session-call.ts';
import { watchTask } from './task-watch.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The outside world as sessions need it; adapters load when a function is first called. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly ecs: () => Promise<EcsApi>;
  readonly ssm: () => Promise<SsmApi>;
  readonly kms: () => Promise<KmsApi>;
  /** DescribeSessions: who is in a container that does not answer. */
  readonly sessions?: (() => Promise<SessionsApi>) | undefined;
  readonly openTransport: OpenTransport;
  /** Loads what a session is opened with, while the call that starts it is under way. */
  readonly prepareSession?: (() => void) | undefined;
  /** Optional. Without it, sessions outlive a process that is killed. */
  readonly guard: SessionGuard | undefined;
  /** Called at each step that a session reaches. */
  readonly onPhase?: ((phase: string) => void) | undefined;
}

/** The target of a session, and how to connect to it. */
export interface SessionPlace {
  readonly target: ReadyTarget;
  /** Undefined: a session of a port, without a terminal. */
  readonly size: TerminalSize | undefined;
  readonly quit: QuitSignals;
  readonly link: LinkOptions;
}

/** The ports that a session needs once it has been started. */
export type AdoptingPorts = Omit<SessionPorts, 'ecs' | 'prepareSession'>;

/** A session that AWS has started, for this program or for another one, and how to connect to it. */
export interface AdoptedPlace extends Omit<SessionPlace, 'target'> {
  /** PROTOCOL 1.3; for the encryption context. */
  readonly targetId: string;
  /** Undefined: the agent's word for the KMS key is enough, as for the real plugin. */
  readonly clusterArn?: string | undefined;
  /** By default a port without a size, and a shell with one. */
  readonly kind?: SessionKind | undefined;
}

export interface RemoteCommand extends SessionPlace {
  readonly argv: readonly string[];
  readonly patience: Patience;
}

/** Settings of every session's connection. */
export interface LinkOptions {
  /** The cluster's KMS key: sessions must be encrypted with it. Undefined: none, or not known. */
  readonly clusterKeyId: string | undefined;
  /** Where the cluster's key is not known, also accept a key of another account or region. */
  readonly allowsForeignKey: boolean;
  /** How long to keep trying to resume a lost connection (S-15); milliseconds. */
  readonly resumeLimitMs: number;
  /** Silence after which to send something that the idle limit counts; undefined: never. */
  readonly keepAliveMs: number | undefined;
  /** Report when ECS stops the task. */
  readonly watchesTask: boolean;
}

/** How long ending a session may hold up our own exit (S-21), in milliseconds. */
const TERMINATE_LIMIT_MS = 3_000;

/** A session that ECS has started, and the way to be rid of it. */
export class RemoteSession {
  readonly id: string;
  readonly connection: Connection;
  readonly #end: () => Promise<void>;

  private constructor(id: string, connection: Connection, end: () => Promise<void>) {
    this.id = id;
    this.connection = connection;
    this.#end = end;
  }

  /**
   * Starts the command in the container and connects to it. What fails in between ends the
   * session, which would otherwise keep a slot and the program running (O-4).
   *
   * @throws EcshError of ExecuteCommand or of the websocket.
   */
  static async start(
    ports: SessionPorts,
    command: RemoteCommand,
    listener: ConnectionListener,
  ): Promise<RemoteSession> {
    const session = await executeCommand(ports, command);
    ports.onPhase?.('ExecuteCommand answered');
    return RemoteSession.join(ports, session, command, listener);
  }

  /**
   * Connects to a session that AWS has started, or ends it.
   *
   * @throws EcshError of the websocket.
   */
  static async join(
    ports: SessionPorts,
    session: ExecSession,
    { target: { targetId, task }, ...place }: SessionPlace,
    listener: ConnectionListener,
  ): Promise<RemoteSession> {
    const adopted = { ...place, targetId, clusterArn: task.clusterArn };
    const remote = await RemoteSession.adopt(ports, session, adopted, listener);
    if (place.link.watchesTask) {
      const onStopping = (text: string) => listener.onNotice(text);
      void remote.connection.ended.then(watchTask({ ...ports, task, onStopping }));
    }
    return remote;
  }

  /**
   * As `join`, without the task: for a session that another program has started.
   *
   * @throws EcshError of the websocket.
   */
  static async adopt(
    ports: AdoptingPorts,
    session: ExecSession,
    { link, quit, clusterArn, ...place }: AdoptedPlace,
    listener: ConnectionListener,
  ): Promise<RemoteSession> {
    const { sessionId: id } = session;
    const unguard = ports.guard?.watch(id, (reason) =>
      listener.onDebug(`should ecsh be killed, session ${id} stays: ${reason}`),
    );
    const end = async () => {
      // Where there is no answer the guard tries again.
      if (await terminate(ports, id, quit.forced)) unguard?.();
    };
    try {
      if (link.clusterKeyId !== undefined) await prepareKey(ports);
      if (quit.signal.aborted) throw quitError();
      const { streamUrl: url, tokenValue: token } = session;
      const key = clusterArn === undefined ? undefined : { ...link, clusterArn };
      const options = { ...ports, ...place, ...link, key, sessionId: id, url, token };
      const connection = await Connection.open({ ...options, signal: quit.signal }, listener);
      // Any other end is not the end of the remote side before `terminate` makes it one.
      void connection.ended.then(({ kind }) => (kind === 'closed' ? unguard?.() : undefined));
      return new RemoteSession(id, connection, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Ends the remote side (S-21) and then lets go of the connection. Never throws. */
  async terminate(): Promise<void> {
    await this.#end();
    this.connection.close();
  }
}

async function executeCommand(
  ports: SessionPorts,
  { target, argv, patience, quit, link }: RemoteCommand,
): Promise<ExecSession> {
  const command = quoteCommand(argv);
  const ecs = await ports.ecs();
  const request = {
    cluster: nameInArn(target.task.clusterArn),
    task: target.task.taskArn,
    container: target.container.name,
    command,
    taskStartedAt: target.task.startedAt,
    service: serviceOf(target.task),
  };
  return startSession(ports, { patience, quit }, () => {
    const session = ecs.executeCommand(request);
    if (link.clusterKeyId !== undefined) void prepareKey(ports);
    return session;
  });
}

/** S-3: before the agent's clock runs. A failure is reported in the handshake that asks for the key. */
async function prepareKey({ kms }: AdoptingPorts): Promise<void> {
  await kms().catch(() => undefined);
}

/**
 * Has AWS start a session, and loads meanwhile what it is joined with.
 *
 * @throws EcshError of the call, or `interrupted`
 */
export function startSession(
  ports: SessionPorts,
  { patience, quit }: Pick<RemoteCommand, 'patience' | 'quit'>,
  start: () => Promise<ExecSession>,
): Promise<ExecSession> {
  const call = () => {
    const session = start();
    ports.prepareSession?.();
    return session;
  };
  const discard = (id: string) => void terminate(ports, id, quit.forced);
  return beginSession({ ...ports, patience, quit, call, discard });
}

/**
 * Bounded, and silent about failures: we are on the way out, and the session may be gone.
 *
 * @returns whether the service has answered
 */
async function terminate(
  { ssm, clock }: AdoptingPorts,
  sessionId: string,
  forced: AbortSignal,
): Promise<boolean> {
  const late = new AbortController();
  const cancel = clock.after(TERMINATE_LIMIT_MS, () => late.abort());
  const terminated = ssm()
    .then((api) => api.terminateSession(sessionId))
    .catch(() => undefined)
    .then(() => true);
  const isAnswered = await unlessAborted(AbortSignal.any([late.signal, forced]), terminated);
  cancel();
  return isAnswered ?? false;
}
