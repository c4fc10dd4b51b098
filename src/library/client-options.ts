import type {
  Connection,
  ConnectOptions,
  ExecOptions,
  ExecResult,
  SessionOptions,
  Shell,
  ShellOptions,
  Target,
  TargetOptions,
} from './options.ts';

type Without<Options> = Omit<Options, 'region' | 'profile' | 'endpointUrl'>;

/**
 * Everything that ecsh does, for one account and region. Credentials are found once and shared.
 *
 * `target` is what the commands take: `[CLUSTER/]NAME[@CONTAINER]`, or the ARN of a task.
 */
export interface Client {
  /** Runs one command: stdout and stderr apart and byte for byte, the command's own status. */
  exec(
    target: string,
    argv: readonly string[],
    options?: Without<ExecOptions>,
  ): Promise<ExecResult>;
  /** Runs one command in every running task of a service or family. Never rejects for one task. */
  execAll(
    target: string,
    argv: readonly string[],
    options?: Without<ExecAllOptions>,
  ): Promise<readonly TaskResult[]>;
  /** A session for many commands. */
  connect(target: string, options?: Without<ConnectOptions>): Promise<Connection>;
  /** A shell on streams of the caller. */
  shell(target: string, options: Without<ShellOptions>): Shell;
  /** Copies files: one of the two is `TARGET:/path`. */
  cp(source: string, destination: string, options?: Without<CopyOptions>): Promise<CopyReport>;
  /** Forwards local ports; a forward is `[LOCAL:]PORT` or `[LOCAL:]HOST:PORT`. */
  forward(
    target: string,
    forwards: readonly string[],
    options?: Without<PortForwardOptions>,
  ): Promise<Forwarding>;
  /** The container that `exec` would enter. */
  resolve(target: string, options?: Without<TargetOptions>): Promise<Target>;
  /** Every running task of a service or family, the one that `exec` would take first. */
  list(target: string, options?: Without<TargetOptions>): Promise<readonly ListedTask[]>;
  /** Why exec works there or does not. */
  doctor(target: string, options?: Without<TargetOptions>): Promise<DoctorResult>;
}

/** One task of a service, as `list` finds it. */
export interface ListedTask {
  readonly cluster: string;
  /** ARN. */
  readonly task: string;
  readonly containers: readonly string[];
  /** `RUNNING` and so on. */
  readonly status: string;
  /** Whether its exec agent runs: `exec` would enter it. */
  readonly ready: boolean;
}

/** One task of `execAll`: a result, or why there is none. */
export type TaskResult =
  | { readonly task: string; readonly result: ExecResult; readonly error?: undefined }
  | { readonly task: string; readonly error: Error; readonly result?: undefined };

export interface ExecAllOptions extends Omit<ExecOptions, 'stdin' | 'stdout' | 'stderr'> {
  /** How many tasks at a time; 16 by default. */
  readonly parallel?: number | undefined;
}

export interface CopyOptions extends Omit<SessionOptions, 'env' | 'cwd'> {
  readonly recursive?: boolean | undefined;
  /** Keep permissions exactly, ignoring the umask. */
  readonly preserve?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface CopyReport {
  readonly files: number;
  readonly bytes: number;
  /** Files that were left out, and why. */
  readonly skipped: readonly string[];
}

export interface PortForwardOptions extends Omit<SessionOptions, 'env' | 'cwd'> {
  /** Where to listen; 127.0.0.1 by default. */
  readonly address?: string | undefined;
}

/** Local ports that lead into the task, until `close`. */
export interface Forwarding extends AsyncDisposable {
  readonly ports: readonly {
    readonly localPort: number;
    readonly host: string | undefined;
    readonly port: number | undefined;
  }[];
  /** Settles when the forward is over; rejects with an EcshError when it could not go on. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** The verdict of `doctor` and its checks. */
export interface DoctorResult {
  readonly ready: boolean;
  /** The id of the check to look at first; null when ready. */
  readonly primary: string | null;
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly title: string;
    readonly message: string;
  }[];
}
