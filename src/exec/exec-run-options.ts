import type { Readable, Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import type { RetryPolicy } from '#session/retry.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import type { StopReason } from '#session/stop.ts';

export interface ExecRunPorts extends SessionPorts {
  readonly signals: Signals;
}

export interface ExecRunOptions {
  readonly target: ReadyTarget;
  readonly argv: readonly string[];
  /** Undefined: the command gets an empty stdin. */
  readonly stdin: Readable | undefined;
  /**
   * The command reads stdin to its end, so ecsh sends more of it ahead. A signal may have to wait until the
   * command has read it.
   */
  readonly readsStdin?: boolean | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
  readonly user: string | undefined;
  readonly mergesStderr: boolean;
  readonly prefersRaw: boolean;
  /** Time limit from now on (ms). Undefined means no limit. */
  readonly timeoutMs: number | undefined;
  /** Milliseconds between the first signal and SIGKILL. */
  readonly killAfterMs: number;
  /** Ends the command like SIGTERM. */
  readonly abort: AbortSignal | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly link: LinkOptions;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
  /** Called with the session's id as soon as there is one. */
  readonly onSession?: ((sessionId: string) => void) | undefined;
}

export interface ExecRunResult {
  /** The command's own status. Undefined if the command did not report one. */
  readonly status: number | undefined;
  /** The exit status of ecsh. */
  readonly exitCode: number;
  /** ecsh ended the command: on a signal, at the time limit, or because its output was no longer read. */
  readonly wasStopped: boolean;
  /** Undefined if ecsh stopped before there was a session. */
  readonly sessionId: string | undefined;
  /** ecsh stopped after it had requested a session and before AWS answered, so the command may have begun. */
  readonly mayHaveBegun?: boolean;
  /** The reason why `exitCode` is not the command's status, if a session was opened. */
  readonly failure: EcshError | undefined;
}

/** @throws EcshError if the command's own status is unknown */
export function statusOf({ exitCode, failure }: ExecRunResult): number {
  if (failure !== undefined) throw failure;
  return exitCode;
}

/** The result if ecsh stopped before there was a session. */
export function stoppedEarly({ exitCode }: StopReason): ExecRunResult {
  return {
    status: undefined,
    exitCode,
    wasStopped: true,
    sessionId: undefined,
    failure: undefined,
  };
}
