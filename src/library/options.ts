import type { Readable, Writable } from 'node:stream';
import type { Credentials } from '#domain/ports/aws-credentials.ts';

/** How a client reaches AWS. Credentials are found once and shared by all its calls. */
export interface ClientOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** By default they are found as the AWS SDK finds them. */
  readonly credentials?: Credentials | undefined;
  /** Sends API calls there. */
  readonly endpointUrl?: string | undefined;
}

/** Input of a command. Chunks of text are UTF-8. */
export type CommandInput =
  | string
  | Uint8Array
  | Readable
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** Where to look for a target, and how to reach AWS. */
export interface TargetOptions {
  /** Cluster, unless the target names one. */
  readonly cluster?: string | undefined;
  /** Container, unless the target names one, or there is an obvious one. */
  readonly container?: string | undefined;
  /** Else from the target's ARN, the environment, or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Sends API calls there. */
  readonly endpointUrl?: string | undefined;
  /** Refuse to choose between several tasks. */
  readonly strict?: boolean | undefined;
  /** How long to wait for a task or an agent that is starting, in milliseconds; 0 by default. */
  readonly waitMs?: number | undefined;
  /** Gives up, and ends the remote command; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the notices that the program prints to stderr: which task it chose, what it waits for. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** Options of every session. */
export interface SessionOptions extends TargetOptions {
  /** Variables of the remote command; they travel in the session and not in the command. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directory of the remote command. */
  readonly cwd?: string | undefined;
  /** How long a lost connection is tried to be resumed; milliseconds, 60,000 by default. */
  readonly resumeLimitMs?: number | undefined;
  /** Silence after which the session is kept from idling out; milliseconds, never by default. */
  readonly keepAliveMs?: number | undefined;
  /** Go on when ECS does not say whether the cluster encrypts its sessions. */
  readonly allowUnencrypted?: boolean | undefined;
  /** Accept a KMS key of another account or region where you may not look up the cluster's own. */
  readonly allowForeignKey?: boolean | undefined;
}

/** One command. */
export interface CommandOptions {
  /** Variables of the command; they travel in the session, never in the command string. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directory of the command. */
  readonly cwd?: string | undefined;
  /** Ends the command; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Empty by default. */
  readonly stdin?: CommandInput | undefined;
  /** Gets the command's stdout as it comes; the result's `stdout` is then empty. */
  readonly stdout?: Writable | undefined;
  /** Gets the command's stderr as it comes; the result's `stderr` is then empty. */
  readonly stderr?: Writable | undefined;
  /** Bytes that are kept of stdout, and of stderr, without a stream; more fail with `output-too-large`. */
  readonly maxBuffer?: number | undefined;
  /** USER or USER:GROUP. */
  readonly user?: string | undefined;
  /** Ends the command after this many milliseconds, with `timed-out`; 0 and Infinity are no limit. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds between the first signal and SIGKILL; 5,000 by default. */
  readonly killAfterMs?: number | undefined;
}

export interface ExecOptions
  extends SessionOptions,
    Omit<CommandOptions, 'env' | 'cwd' | 'signal'> {
  /** Called with the session's id as soon as there is one: for an audit line, or to end it from elsewhere. */
  readonly onSession?: ((sessionId: string) => void) | undefined;
}

export interface ConnectOptions extends Omit<SessionOptions, 'env' | 'cwd'> {
  /** False: each command gets a session of its own, whose command string CloudTrail records. */
  readonly share?: boolean | undefined;
  /** Ends the session after this many milliseconds without a command, until the next one; never by default. */
  readonly idleMs?: number | undefined;
}

/** A container with one session for any number of commands. */
export interface Connection extends Target, AsyncDisposable {
  /**
   * Runs a command, without a terminal: stdout and stderr apart and byte for byte. Any number at the same time.
   *
   * @param argv program and arguments; no shell is involved
   * @returns the command's own status, including failures
   * @throws EcshError when that is not known (`code` says why), `timed-out`; the reason of an abort
   */
  exec(argv: readonly string[], options?: CommandOptions): Promise<ExecResult>;
  /** Ends the session, and with it what still runs. The program can end when this has settled. */
  close(): Promise<void>;
}

export interface ShellOptions extends SessionOptions {
  /** The typed input. Its end hangs up, as closing a terminal's window does. */
  readonly stdin: Readable;
  /** Gets everything that the terminal shows. */
  readonly stdout: Writable;
  /** Window size in characters. */
  readonly size: WindowSize;
  /** The terminal's type, `xterm-256color` by default. */
  readonly term?: string | undefined;
  /** A program in place of bash or sh. */
  readonly argv?: readonly string[] | undefined;
}

export interface WindowSize {
  readonly cols: number;
  readonly rows: number;
}

/** A container that can be entered. */
export interface Target {
  /** Name of the cluster. */
  readonly cluster: string;
  /** ARN of the task. */
  readonly task: string;
  /** Name of the container. */
  readonly container: string;
}

export interface ExecResult extends Target {
  /** The command's own exit status; 128 + n when signal n ended it. */
  readonly status: number;
  /** Byte for byte. */
  readonly stdout: Buffer;
  /** Byte for byte. */
  readonly stderr: Buffer;
  /** The session's name in CloudTrail and in the logs of ECS Exec. */
  readonly sessionId: string;
}

export interface Shell {
  /** The shell's exit status, when it has ended; 129 after `stdin` did. */
  readonly ended: Promise<number>;
  /** Hangs up; `ended` then settles with 129. */
  kill(): void;
  resize(size: WindowSize): void;
}
