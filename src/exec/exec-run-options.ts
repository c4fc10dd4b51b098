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
  /** The command reads all of it: a signal waits until it has. */
  readonly readsStdin?: boolean | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
  readonly user: string | undefined;
  readonly mergesStderr: boolean;
  readonly prefersRaw: boolean;
  /** Milliseconds from now on; undefined: none. */
  readonly timeoutMs: number | undefined;
  /** Milliseconds between the first signal and SIGKILL. */
  readonly killAfterMs: number;
  /** Ends the command as SIGTERM would. */
  readonly abort: AbortSignal | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly link: LinkOptions;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
  /** Called with the session's id as soon as there is one. */
  readonly onSession?: ((sessionId: string) => void) | undefined;
}

export interface ExecRunResult {
  /** The command's own status; undefined when it was ended before it reported one. */
  readonly status: number | undefined;
  /** The exit status of ecsh. */
  readonly exitCode: number;
  /** We ended it: after a signal, at the time limit, or because its output is no longer read. */
  readonly wasStopped: boolean;
  /** Undefined when it was ended before a session existed. */
  readonly sessionId: string | undefined;
  /** The session was requested from AWS, which had not answered when it was ended. */
  readonly mayHaveBegun?: boolean;
  /** Why `exitCode` is not the command's status; the session existed. */
  readonly failure: EcshError | undefined;
}

/** @throws EcshError when the command's own status is not known */
export function statusOf({ exitCode, failure }: ExecRunResult): number {
  if (failure !== undefined) throw failure;
  return exitCode;
}

/** There was no session. */
export function stoppedEarly({ exitCode }: StopReason): ExecRunResult {
  return {
    status: undefined,
    exitCode,
    wasStopped: true,
    sessionId: undefined,
    failure: undefined,
  };
}
