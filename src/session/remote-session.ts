import type { ExecSession } from '#domain/ports/session-ports.ts';
import { SessionConnection } from './connection.ts';
import type { ConnectionListener } from './connection-listener.ts';
import type {
  AdoptedPlace,
  AdoptingPorts,
  RemoteCommand,
  SessionPlace,
  SessionPorts,
} from './session-options.ts';
import { cancelledBeforeSession, executeCommand, prepareKey } from './start.ts';
import { watchTask } from './task-watch.ts';
import { terminateSession } from './terminate.ts';

/** A session that ECS has started, and the function to end it. */
export class RemoteSession {
  readonly id: string;
  readonly connection: SessionConnection;
  readonly #end: () => Promise<void>;

  private constructor(id: string, connection: SessionConnection, end: () => Promise<void>) {
    this.id = id;
    this.connection = connection;
    this.#end = end;
  }

  /**
   * Starts the command in the container and connects to it. If this fails, it ends the session, which
   * would otherwise occupy a slot and keep the program running (O-4).
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
   * Like `join`, but without the task: for a session that another program has started.
   *
   * @throws EcshError of the websocket.
   */
  static async adopt(
    ports: AdoptingPorts,
    session: ExecSession,
    { link, cancellation, clusterArn, ...place }: AdoptedPlace,
    listener: ConnectionListener,
  ): Promise<RemoteSession> {
    const { sessionId: id } = session;
    const unguard = ports.guard?.watch(id, (reason) =>
      listener.onDebug(`should ecsh be killed, session ${id} stays: ${reason}`),
    );
    const end = async () => {
      // If there is no answer, the guard tries again.
      if (await terminateSession(ports, id, cancellation.forced)) unguard?.();
    };
    try {
      if (link.clusterKeyId !== undefined) await prepareKey(ports);
      if (cancellation.signal.aborted) throw cancelledBeforeSession();
      const { streamUrl: url, tokenValue: token } = session;
      const key = clusterArn === undefined ? undefined : { ...link, clusterArn };
      const options = { ...ports, ...place, ...link, key, sessionId: id, url, token };
      const connection = await SessionConnection.open(
        { ...options, signal: cancellation.signal },
        listener,
      );
      // After any other end, the remote side runs until `terminate`.
      void connection.ended.then(({ kind }) => (kind === 'closed' ? unguard?.() : undefined));
      return new RemoteSession(id, connection, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Ends the remote side (S-21) and then closes the connection. Never throws. */
  async terminate(): Promise<void> {
    await this.#end();
    this.connection.close();
  }
}
