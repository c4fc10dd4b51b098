import type { Readable, Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import type { ExecRunResult } from '#exec/exec-run-options.ts';
import type { RetryPolicy } from '#session/retry.ts';
import type { LinkOptions, SessionPorts } from '#session/session-options.ts';
import type { StopReason } from '#session/stop.ts';

export interface SharedPorts extends SessionPorts {
  readonly signals: Signals;
}

/** Options of the session, which apply to every command in it. */
export interface SharedSessionOptions {
  /** A Linux container that can be entered. */
  readonly target: ReadyTarget;
  readonly retryPolicy: RetryPolicy;
  /** Without `keepAliveMs`, data is sent every five minutes, so that the session does not time out. */
  readonly link: LinkOptions;
  /** The cluster logs sessions, so each command is logged in clear text before its output. */
  readonly isLogged: boolean;
  /** Use a separate session for each command. */
  readonly isRefused?: boolean | undefined;
  /** Close the session after this time without a command (ms); undefined: only on `close`. */
  readonly idleMs?: number | undefined;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

/** One command of a shared session. */
export interface SharedExecOptions {
  /** Variables of the command. They travel in the session, never in the log. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** USER or USER:GROUP; undefined: the user of the session, which is root. */
  readonly user?: string | undefined;
  /** Read only as fast as the command reads it. Undefined: an empty stdin. */
  readonly stdin?: Readable | undefined;
  /** stdin is large: five more processes in the container allow five times as much data in flight. */
  readonly isBulk?: boolean | undefined;
  /** Receives output with backpressure. If it breaks, the command is ended (141). */
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Send stderr to stdout, in the order of writing. */
  readonly mergesStderr?: boolean | undefined;
  /** On abort, every process of the command gets SIGTERM, and SIGKILL after `killAfterMs`. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the command after this many milliseconds with status 124; undefined: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds from the first signal to SIGKILL; 5,000 by default. */
  readonly killAfterMs?: number | undefined;
  /** The command's program is about to be executed. */
  readonly onStarted?: (() => void) | undefined;
}

/** As in `runThroughEnvelope`: `exitCode` is ecsh's exit code, and `failure` explains why it differs from `status`. */
export type SharedResult = ExecRunResult;

/** A command that was requested but not awaited. */
export interface RunningCommand {
  /** Never rejects: `failure` explains why the status is unknown. */
  readonly ended: Promise<SharedResult>;
  /** Sends a signal such as `SIGHUP` to every process of the command, which may continue. */
  signal(name: string): void;
  /** Ends the command: sends the signal, and SIGKILL after `killAfterMs`. A second call sends SIGKILL at once. */
  stop(reason: StopReason): void;
}

/** The result of a command that never got a session. */
export function notRun(failure: EcshError): SharedResult {
  return {
    status: undefined,
    exitCode: failure.exitCode,
    wasStopped: false,
    sessionId: undefined,
    failure,
  };
}
