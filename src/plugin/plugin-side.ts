import type { Readable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import type { Clock, EndSignal } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import type { Listen } from '#forward/listener.ts';
import type { SessionConnection } from '#session/connection.ts';

/** The functions and callbacks of a session's local end. */
export interface SidePorts {
  readonly clock: Clock;
  readonly stdin: Readable;
  /** Undefined if stdin is not a terminal. */
  readonly keyboard: LocalTerminal | undefined;
  readonly listen: Listen;
  readonly sessionId: string;
  /** Undefined while the websocket is being opened. */
  readonly connection: () => SessionConnection | undefined;
  /** Writes remote output, or a line that the real plugin would print, to stdout. */
  readonly write: (data: Uint8Array | string) => void;
  /** Ends the session locally; the plugin exits with this status. */
  readonly stop: (exitCode: number) => void;
  readonly fail: (error: EcshError) => void;
  readonly onDebug: (text: string) => void;
}

/** The local end of a session: a terminal, local ports, or one plain stream. */
export interface PluginSide {
  onOutput(data: Uint8Array): void;
  /** The remote side accepts input from now on. */
  onInputReady(): void;
  onInputDrained(): void;
  /** Port sessions only: the agent has read everything that was sent. */
  onInputTaken(): void;
  onFlag(flag: number): void;
  onSignal(signal: EndSignal): void;
  /** The session has ended: resolves when the terminal is restored. */
  close(): Promise<void>;
}
