import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { EndSignal } from '#domain/ports/system-ports.ts';
import { ForwardStreams } from '#forward/forward-streams.ts';
import type { LocalConnection, LocalListener } from '#forward/listener.ts';
import { FlagValue } from '#protocol/payload.ts';
import { SmuxError } from '#protocol/smux/smux-frame.ts';
import type { PluginSide, SidePorts } from './plugin-side.ts';
import {
  connectionAccepted,
  exiting,
  opened,
  PORT_UNREACHABLE,
  TERMINATED,
  WAITING,
} from './plugin-texts.ts';

/** The local end according to the session's document; empty fields are not set. */
export interface LocalEnd {
  readonly port: string;
  /** Path of a Unix socket to listen on instead of a port. */
  readonly socket: string;
}

const LOOPBACK = '127.0.0.1';

/** Parameters of a port session for its local end. Source: P portsession.go, PortParameters. */
export function localEndOf(properties: Readonly<Record<string, unknown>>): LocalEnd {
  const { localPortNumber, localUnixSocket, localConnectionType } = properties;
  return {
    port: typeof localPortNumber === 'string' ? localPortNumber : '',
    socket:
      localConnectionType === 'unix' && typeof localUnixSocket === 'string' ? localUnixSocket : '',
  };
}

/** Local connections that are forwarded to a port, many at a time. */
export class PortsSide implements PluginSide {
  readonly #ports: SidePorts;
  readonly #end: LocalEnd;
  readonly #streams: ForwardStreams;
  #listener: LocalListener | undefined;
  #listening: Promise<void> | undefined;
  #wasAccepted = false;

  constructor(ports: SidePorts, end: LocalEnd) {
    this.#ports = ports;
    this.#end = end;
    this.#streams = new ForwardStreams({
      clock: ports.clock,
      wire: ports.connection,
      onRefused: () => ports.write(PORT_UNREACHABLE),
      onAnswered: () => undefined,
      onDebug: ports.onDebug,
    });
  }

  onOutput(data: Uint8Array): void {
    try {
      this.#streams.receive(data);
    } catch (error) {
      if (!(error instanceof SmuxError)) throw error;
      const message = `The agent sent what ecsh cannot read: ${error.message}.`;
      this.#ports.fail(new EcshError('session-failed', message));
    }
  }

  /** Like the real plugin, before it is known whether the agent can connect to the port. */
  onInputReady(): void {
    this.#listening ??= this.#listen();
  }

  onInputDrained(): void {
    this.#streams.pump();
  }

  onInputTaken(): void {
    // The channel buffers data until then.
  }

  onFlag(flag: number): void {
    if (flag === FlagValue.connectToPortError) this.#streams.refuse();
  }

  onSignal(signal: EndSignal): void {
    const { write, sessionId, connection, stop } = this.#ports;
    write(TERMINATED);
    connection()?.sendFlag(FlagValue.terminateSession);
    write(exiting(sessionId, ''));
    stop(signal === 'SIGINT' ? ExitStatus.ok : signalStatus(signal));
  }

  async close(): Promise<void> {
    await this.#listening;
    this.#listener?.close();
    this.#streams.reset();
  }

  async #listen(): Promise<void> {
    const { write, sessionId, fail } = this.#ports;
    const { port, socket } = this.#end;
    try {
      this.#listener = await this.#open();
      const where = socket === '' ? `Port ${this.#listener.port}` : `Unix socket ${socket}`;
      write(opened(where, sessionId) + WAITING);
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      fail(asGoSaysIt(error, port));
    }
  }

  #open(): Promise<LocalListener> {
    const { listen } = this.#ports;
    const { port, socket } = this.#end;
    const accept = (connection: LocalConnection) => this.#accept(connection);
    if (socket !== '') return listen({ socket }, accept);
    return listen({ addresses: [LOOPBACK], port: Number(port) }, accept);
  }

  #accept(connection: LocalConnection): void {
    const { write, sessionId } = this.#ports;
    if (!this.#wasAccepted) write(connectionAccepted(sessionId));
    this.#wasAccepted = true;
    this.#streams.join(connection);
  }
}

const GO_TEXTS: Readonly<Record<string, string>> = {
  'port-in-use': 'address already in use',
  'port-forbidden': 'permission denied',
};

/** The real plugin's message, if it has one, because others look for it. */
function asGoSaysIt(error: EcshError, port: string): EcshError {
  const text = GO_TEXTS[error.code];
  if (text === undefined) return error;
  return new EcshError(error.code, `listen tcp ${LOOPBACK}:${port}: bind: ${text}`, {
    cause: error,
  });
}
