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
  /** For SSM alone. */
  readonly ssmEndpointUrl?: string | undefined;
  /** Without credentials data channels are opened unsigned, not refused (PROTOCOL 1.5). */
  readonly mayGoUnsigned?: boolean | undefined;
  /** Never prompt, not for an MFA code either. */
  readonly noInput: boolean | undefined;
  /** Credentials were found. */
  readonly onCredentials?: (() => void) | undefined;
  /** A call has ended: its operation, and how long it took. */
  readonly onCall?: ((text: string) => void) | undefined;
  /** A call takes long: a sentence for the user. */
  readonly onSlow?: ((text: string) => void) | undefined;
}

/** AWS for one invocation; the SDK is loaded at the first call of a function. */
export interface AwsPorts {
  readonly ecs: () => Promise<EcsApi>;
  readonly ssm: () => Promise<SsmApi>;
  readonly kms: () => Promise<KmsApi>;
  readonly inventory: () => Promise<InventoryApi>;
  readonly admin: () => Promise<EcsAdminApi>;
  readonly protection: () => Promise<TaskProtectionApi>;
  /** Log events of a region; undefined: the region of this invocation. */
  readonly logEvents: (region: string | undefined) => Promise<LogEventsApi>;
  readonly sessionLogs: () => Promise<SessionLogsApi>;
  readonly openTransport: OpenTransport;
  readonly requireDescriptors?: (() => void) | undefined;
  readonly prepareSession?: (() => void) | undefined;
  readonly doctor: DoctorPorts;
  readonly guard: SessionGuard | undefined;
}

export interface SimulatorSettings {
  /** Contents of a fleet file; undefined: the built-in fleet. */
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

/** The outside world, built by `program/app.ts`; tests hand in buffers, fakes and a manual clock. */
export interface App {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** When the process started, on this clock. */
  readonly startedAt: number;
  readonly signals: Signals;
  /** Undefined unless stdin is a terminal; stdout may be a pipe. */
  readonly keyboard?: LocalTerminal | undefined;
  /** Undefined unless stdin and stdout are a terminal. */
  readonly terminal: LocalTerminal | undefined;
  /** Undefined unless stdin and stderr are a terminal; loaded when the first question is asked. */
  prompts(color: ColorChoice): Prompts | undefined;
  aws(settings: AwsSettings): AwsPorts;
  startSimulator(settings: SimulatorSettings): Promise<RunningSimulator>;
  /**
   * Runs a program on this machine with more environment, until `abort` at the most; resolves with
   * its exit status.
   */
  runProgram(
    argv: readonly string[],
    environment: Readonly<Record<string, string>>,
    abort?: AbortSignal,
  ): Promise<number>;
  /** Programs of this machine, loaded when first asked for. */
  programs(): Promise<ProgramFiles>;
  /** Accepts TCP connections of local programs. */
  readonly listen: Listen;
  /** Sockets between an `ecsh connect` and what runs in it. */
  readonly sockets: LocalSockets;
  /** Runs ecsh once more, apart from this process and its terminal. */
  runInBackground(argv: readonly string[]): Promise<void>;
  /** Whether stdin has data that was meant for us and that nothing has read. */
  hasUnreadInput(): boolean;
  /** A file that the user named. */
  readFile(path: string): Promise<string>;
  /** Files and directories, for `cp`; loaded when first asked for. */
  copies(): Promise<LocalCopies>;
  /** Small files of our own. */
  readonly files: Files;
  /** The words that run this program, for others to run: interpreter and script, or the executable. */
  readonly self: readonly string[];
  /** A stream that appends to a file: `--debug FILE`. */
  appendTo(path: string): Promise<Writable>;
}
