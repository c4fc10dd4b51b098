import type { Readable, Writable } from 'node:stream';
import type { LocalCopies } from '#copy/local-copies.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { InventoryApi } from '#domain/ports/inventory-ports.ts';
import type { LogEventsApi, SessionLogsApi } from '#domain/ports/log-ports.ts';
import type { Prompts } from '#domain/ports/prompt-ports.ts';
import type { TaskProtectionApi } from '#domain/ports/protection-ports.ts';
import type { KmsApi, SessionGuard, SsmApi } from '#domain/ports/session-ports.ts';
import type { Clock, Files, ProgramFiles, Signals } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import type { OpenTransport } from '#domain/ports/transport-ports.ts';
import type { Listen } from '#forward/listener.ts';
import type { LocalSockets } from '#shared/local-sockets.ts';
import type { ColorChoice } from '#ui/color.ts';

export interface AwsSettings {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpointUrl: string | undefined;
  /** Replaces `endpointUrl` for SSM. */
  readonly ssmEndpointUrl?: string | undefined;
  /** If there are no credentials, open data channels unsigned instead of failing (PROTOCOL 1.5). */
  readonly mayGoUnsigned?: boolean | undefined;
  /** Never prompt, not even for an MFA code. */
  readonly noInput: boolean | undefined;
  /** Called when credentials have been found. */
  readonly onCredentials?: (() => void) | undefined;
  /** Called after each AWS call, with its operation and duration. */
  readonly onCall?: ((text: string) => void) | undefined;
  /** Called when an AWS call is slow, with a sentence for the user. */
  readonly onSlow?: ((text: string) => void) | undefined;
}

/** AWS for one invocation of ecsh. The SDK is loaded when a function is first called. */
export interface AwsPorts {
  readonly ecs: () => Promise<EcsApi>;
  readonly ssm: () => Promise<SsmApi>;
  readonly kms: () => Promise<KmsApi>;
  readonly inventory: () => Promise<InventoryApi>;
  readonly admin: () => Promise<EcsAdminApi>;
  readonly protection: () => Promise<TaskProtectionApi>;
  /** Log events of a region. Undefined means the region of this invocation. */
  readonly logEvents: (region: string | undefined) => Promise<LogEventsApi>;
  readonly sessionLogs: () => Promise<SessionLogsApi>;
  readonly openTransport: OpenTransport;
  readonly requireDescriptors?: (() => void) | undefined;
  readonly prepareSession?: (() => void) | undefined;
  readonly doctor: DoctorPorts;
  readonly guard: SessionGuard | undefined;
}

export interface SimulatorSettings {
  /** The contents of a fleet file. Undefined means the built-in fleet. */
  readonly fleet: string | undefined;
  readonly port: number;
  readonly log: (line: string) => void;
}

export interface RunningSimulator {
  readonly endpoint: string;
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** The outside world. `program/app.ts` builds the real one; tests pass buffers, fakes and a manual clock. */
export interface App {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** When the process started, as a time of `clock`. */
  readonly startedAt: number;
  readonly signals: Signals;
  /** Undefined unless stdin is a terminal; stdout may be a pipe. */
  readonly keyboard?: LocalTerminal | undefined;
  /** Undefined unless both stdin and stdout are terminals. */
  readonly terminal: LocalTerminal | undefined;
  /** Returns undefined unless both stdin and stderr are terminals. Prompts are loaded with the first question. */
  prompts(color: ColorChoice): Prompts | undefined;
  aws(settings: AwsSettings): AwsPorts;
  startSimulator(settings: SimulatorSettings): Promise<RunningSimulator>;
  /**
   * Runs a local program with `environment` added to ours, and ends it if `abort` fires. Resolves with its
   * exit status.
   */
  runProgram(
    argv: readonly string[],
    environment: Readonly<Record<string, string>>,
    abort?: AbortSignal,
  ): Promise<number>;
  /** Finds programs on this machine. Loaded on first use. */
  programs(): Promise<ProgramFiles>;
  /** Accepts TCP connections from local programs. */
  readonly listen: Listen;
  /** Connects `ecsh connect` with the ecsh commands that run inside it. */
  readonly sockets: LocalSockets;
  /** Starts another ecsh that is detached from this process and its terminal. */
  runInBackground(argv: readonly string[]): Promise<void>;
  /** Whether stdin holds unread data that was meant for ecsh. */
  hasUnreadInput(): boolean;
  /** Reads a file that the user named. */
  readFile(path: string): Promise<string>;
  /** Reads and writes local files and directories for `cp`. Loaded on first use. */
  copies(): Promise<LocalCopies>;
  /** Reads and writes small files, such as the settings of ecsh. */
  readonly files: Files;
  /** The words that start ecsh from another program: the interpreter and the script, or the executable. */
  readonly self: readonly string[];
  /** Opens a stream that appends to a file, for `--debug FILE`. */
  appendTo(path: string): Promise<Writable>;
}
