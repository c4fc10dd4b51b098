import type { Readable, Writable } from 'node:stream';
import type { Credentials } from '#domain/ports/aws-credentials.ts';

/** How a client reaches AWS. Credentials are looked up once and shared by all its calls. */
export interface ClientOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** By default the AWS SDK looks them up. */
  readonly credentials?: Credentials | undefined;
  /** The endpoint of API calls. */
  readonly endpointUrl?: string | undefined;
}

/** Input of a command. Text is sent as UTF-8. */
export type CommandInput =
  | string
  | Uint8Array
  | Readable
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** Options for finding a target and reaching AWS. */
export interface TargetOptions {
  /** The cluster, if the target does not name one. */
  readonly cluster?: string | undefined;
  /** The container, if the target does not name one and there is no obvious one. */
  readonly container?: string | undefined;
  /** By default it comes from the target's ARN, the environment, or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** The endpoint of API calls. */
  readonly endpointUrl?: string | undefined;
  /** Fail instead of choosing between several tasks. */
  readonly strict?: boolean | undefined;
  /** How long to wait for a task or an agent that is starting, in milliseconds; 0 by default. */
  readonly waitMs?: number | undefined;
  /** Cancels, and ends the remote command; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the notices that the program prints to stderr: the chosen task, the reason for waiting. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** Options of every session. */
export interface SessionOptions extends TargetOptions {
  /** Variables of the remote command, sent within the session and never in the command string. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directory of the remote command. */
  readonly cwd?: string | undefined;
  /** How long to keep trying to resume a lost connection, in milliseconds; 60,000 by default. */
  readonly resumeLimitMs?: number | undefined;
  /** Keep the session from idling out after this much silence, in milliseconds; never by default. */
  readonly keepAliveMs?: number | undefined;
  /** Continue if ECS does not report whether the cluster encrypts its sessions. */
  readonly allowUnencrypted?: boolean | undefined;
  /** Accept a KMS key of another account or region if you lack permission to look up the cluster's own. */
  readonly allowForeignKey?: boolean | undefined;
}

/** Options of one command. */
export interface CommandOptions {
  /** Variables of the command, sent within the session and never in the command string. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directory of the command. */
  readonly cwd?: string | undefined;
  /** Ends the command; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Empty by default. */
  readonly stdin?: CommandInput | undefined;
  /** Gets the command's stdout as it arrives; the result's `stdout` is then empty. */
  readonly stdout?: Writable | undefined;
  /** Gets the command's stderr as it arrives; the result's `stderr` is then empty. */
  readonly stderr?: Writable | undefined;
  /** The maximum number of bytes to keep of stdout, and of stderr, without a stream; more fails with `output-too-large`. */
  readonly maxBuffer?: number | undefined;
  /** USER or USER:GROUP. */
  readonly user?: string | undefined;
  /** Ends the command after this many milliseconds, with `timed-out`; 0 and Infinity mean no limit. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds between the first signal and SIGKILL; 5,000 by default. */
  readonly killAfterMs?: number | undefined;
}

export interface ExecOptions
  extends SessionOptions,
    Omit<CommandOptions, 'env' | 'cwd' | 'signal'> {
  /** Called with the session's id as soon as there is one, for example for an audit log, or to end it elsewhere. */
  readonly onSession?: ((sessionId: string) => void) | undefined;
}

export interface ConnectOptions extends Omit<SessionOptions, 'env' | 'cwd'> {
  /** False: each command gets its own session, whose command string CloudTrail records. */
  readonly share?: boolean | undefined;
  /** Ends the session after this many milliseconds without a command, until the next command; never by default. */
  readonly idleMs?: number | undefined;
}

/** A container with one session for any number of commands. */
export interface Connection extends Target, AsyncDisposable {
  /**
   * Runs a command without a terminal, with separate and exact stdout and stderr. Any number can run at the same time.
   *
   * @param argv program and arguments; no shell is involved
   * @returns the command's own status, including failures
   * @throws EcshError if the status is unknown (`code` says why), `timed-out`; the reason of an abort
   */
  exec(argv: readonly string[], options?: CommandOptions): Promise<ExecResult>;
  /** Ends the session and its running commands. The program can exit when this has resolved. */
  close(): Promise<void>;
}

export interface ShellOptions extends SessionOptions {
  /** The input of the terminal. Its end hangs up, like closing the window of a terminal. */
  readonly stdin: Readable;
  /** Gets everything that the terminal shows. */
  readonly stdout: Writable;
  /** Window size in characters. */
  readonly size: WindowSize;
  /** The terminal's type, `xterm-256color` by default. */
  readonly term?: string | undefined;
  /** A program instead of bash or sh. */
  readonly argv?: readonly string[] | undefined;
}

export interface WindowSize {
  readonly cols: number;
  readonly rows: number;
}

/** A container that is ready for a session. */
export interface Target {
  /** Name of the cluster. */
  readonly cluster: string;
  /** ARN of the task. */
  readonly task: string;
  /** Name of the container. */
  readonly container: string;
}

export interface ExecResult extends Target {
  /** The command's own exit status; 128 + n if signal n ended it. */
  readonly status: number;
  /** Exact bytes. */
  readonly stdout: Buffer;
  /** Exact bytes. */
  readonly stderr: Buffer;
  /** The session's name in CloudTrail and in the logs of ECS Exec. */
  readonly sessionId: string;
}

export interface Shell {
  /** Resolves with the shell's exit status; 129 after the end of `stdin`. */
  readonly ended: Promise<number>;
  /** Hangs up; `ended` then resolves with 129. */
  kill(): void;
  resize(size: WindowSize): void;
}
