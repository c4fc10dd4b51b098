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
 * All functions of ecsh, for one account and region. Credentials are looked up once and shared.
 *
 * `target` is the TARGET of the commands: `[CLUSTER/]NAME[@CONTAINER]`, or the ARN of a task.
 */
export interface Client {
  /** Runs one command, with separate and exact stdout and stderr, and the command's own status. */
  exec(
    target: string,
    argv: readonly string[],
    options?: Without<ExecOptions>,
  ): Promise<ExecResult>;
  /** Runs one command in every running task of a service or family. Does not reject if a task fails. */
  execAll(
    target: string,
    argv: readonly string[],
    options?: Without<ExecAllOptions>,
  ): Promise<readonly TaskResult[]>;
  /** Opens a session for many commands. */
  connect(target: string, options?: Without<ConnectOptions>): Promise<Connection>;
  /** Opens a shell on streams of the caller. */
  shell(target: string, options: Without<ShellOptions>): Shell;
  /** Copies files. One of the two is `TARGET:/path`. */
  cp(source: string, destination: string, options?: Without<CopyOptions>): Promise<CopyReport>;
  /** Forwards local ports; a forward is `[LOCAL:]PORT` or `[LOCAL:]HOST:PORT`. */
  forward(
    target: string,
    forwards: readonly string[],
    options?: Without<PortForwardOptions>,
  ): Promise<Forwarding>;
  /** Finds the container that `exec` would enter. */
  resolve(target: string, options?: Without<TargetOptions>): Promise<Target>;
  /** Lists every running task of a service or family, first the one that `exec` would choose. */
  list(target: string, options?: Without<TargetOptions>): Promise<readonly ListedTask[]>;
  /** Finds out why exec works there or does not. */
  doctor(target: string, options?: Without<TargetOptions>): Promise<DoctorResult>;
}

/** One task of a service, as returned by `list`. */
export interface ListedTask {
  readonly cluster: string;
  /** ARN. */
  readonly task: string;
  readonly containers: readonly string[];
  /** `RUNNING` and so on. */
  readonly status: string;
  /** Whether its exec agent is running, so that `exec` could enter it. */
  readonly ready: boolean;
}

/** One task of `execAll`: a result, or the reason why there is none. */
export type TaskResult =
  | { readonly task: string; readonly result: ExecResult; readonly error?: undefined }
  | { readonly task: string; readonly error: Error; readonly result?: undefined };

export interface ExecAllOptions extends Omit<ExecOptions, 'stdin' | 'stdout' | 'stderr'> {
  /** The number of tasks at a time; 16 by default. */
  readonly parallel?: number | undefined;
}

export interface CopyOptions extends Omit<SessionOptions, 'env' | 'cwd'> {
  readonly recursive?: boolean | undefined;
  /** Keep permissions exactly, and ignore the umask. */
  readonly preserve?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface CopyReport {
  readonly files: number;
  readonly bytes: number;
  /** Skipped files, and the reasons. */
  readonly skipped: readonly string[];
}

export interface PortForwardOptions extends Omit<SessionOptions, 'env' | 'cwd'> {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly address?: string | undefined;
}

/** Local ports that are forwarded to the task, until `close`. */
export interface Forwarding extends AsyncDisposable {
  readonly ports: readonly {
    readonly localPort: number;
    readonly host: string | undefined;
    readonly port: number | undefined;
  }[];
  /** Resolves when the forward has ended; rejects with an EcshError if it could not continue. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** The verdict of `doctor` and its checks. */
export interface DoctorResult {
  readonly ready: boolean;
  /** The id of the check to look at first; null if ready. */
  readonly primary: string | null;
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly title: string;
    readonly message: string;
  }[];
}
