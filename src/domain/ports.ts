import type { PortDestination } from './port-forward.ts';

/**
 * What the program needs from the outside world, named for the need and not for the SDK.
 * Adapters (`aws/`, `transport/`, `terminal/`) implement these; tests hand in small fakes.
 */

/** An ECS managed agent of a container (`managedAgents[]` of DescribeTasks). */
export interface ManagedAgent {
  readonly name: string;
  readonly lastStatus: string;
  readonly reason?: string | undefined;
  readonly lastStartedAt?: Date | undefined;
}

export interface Container {
  readonly name: string;
  readonly runtimeId?: string | undefined;
  readonly lastStatus: string;
  readonly healthStatus?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly managedAgents: readonly ManagedAgent[];
}

/** The fields of a DescribeTasks answer that ecsh reads; names as in the API. */
export interface Task {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly group?: string | undefined;
  readonly lastStatus: string;
  readonly desiredStatus?: string | undefined;
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly launchType?: string | undefined;
  readonly capacityProviderName?: string | undefined;
  readonly containerInstanceArn?: string | undefined;
  readonly platformVersion?: string | undefined;
  readonly platformFamily?: string | undefined;
  readonly connectivity?: string | undefined;
  readonly connectivityAt?: Date | undefined;
  readonly enableExecuteCommand: boolean;
  readonly createdAt?: Date | undefined;
  readonly startedAt?: Date | undefined;
  /** Deployment of the service that started it: `ecs-svc/…`. */
  readonly startedBy?: string | undefined;
  /** Empty unless they were asked for. */
  readonly tags: readonly TaskTag[];
  readonly attachments: readonly Attachment[];
  readonly overrides: TaskOverrides;
  readonly containers: readonly Container[];
}

export interface TaskTag {
  readonly key: string;
  readonly value: string;
}

/** An `ElasticNetworkInterface` and the like, with its `details[]` by name. */
export interface Attachment {
  readonly type: string;
  readonly details: Readonly<Record<string, string>>;
}

/** What RunTask or a deployment changed of the task definition. */
export interface TaskOverrides {
  readonly taskRoleArn?: string | undefined;
  readonly containers: readonly {
    readonly name: string;
    readonly environment: readonly { readonly name: string; readonly value: string }[];
    /** MiB. */
    readonly memory?: number | undefined;
  }[];
}

export interface TaskQuery {
  readonly cluster: string;
  readonly service?: string | undefined;
  readonly family?: string | undefined;
  /** RUNNING when left out. No task has the desired status PENDING (ECS API, ListTasks). */
  readonly desiredStatus?: 'RUNNING' | 'STOPPED' | undefined;
}

/** How a service stands, and what ECS said last about it. */
export interface ServiceState {
  readonly desiredCount: number;
  readonly pendingCount: number;
  readonly lastEvent?: string | undefined;
}

/** A container definition as far as the container choice needs it. */
export interface ContainerDefinition {
  readonly name: string;
  readonly essential: boolean;
}

/** `executeCommandConfiguration` of a cluster, as far as sessions depend on it (READINESS 5). */
export interface ExecConfiguration {
  /** NONE, DEFAULT or OVERRIDE; undefined, when absent, acts as DEFAULT. */
  readonly logging?: string | undefined;
  readonly kmsKeyId?: string | undefined;
}

/** The `session` part of an ExecuteCommand answer and what it belongs to (PROTOCOL 1.2). */
export interface ExecSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

export interface ExecuteCommandRequest {
  readonly cluster: string;
  /** Task ARN. */
  readonly task: string;
  readonly container: string;
  /** The string that the agent's lexer splits (PROTOCOL 8.3). */
  readonly command: string;
  /** When the task started: a young task that is not connected yet is worth another try (O-2). */
  readonly taskStartedAt?: Date | undefined;
  /** Service of the task, for the command that replaces it when its agent is not connected. */
  readonly service?: string | undefined;
}

/** ECS operations, paged through to the end; failures are `EcshError`s with cause and fix. */
export interface EcsApi {
  /** ARNs of all clusters the caller may list. */
  listClusters(): Promise<readonly string[]>;
  /** ARNs of all services of a cluster. */
  listServices(cluster: string): Promise<readonly string[]>;
  /** Names of the task definition families in use that begin so. */
  listFamilies(prefix: string): Promise<readonly string[]>;
  /** ARNs of tasks; of those whose desired status is RUNNING unless the query says otherwise. */
  listTasks(query: TaskQuery): Promise<readonly string[]>;
  /** Tasks in any order; what ECS reports as MISSING is left out. Any number of ids or ARNs. */
  describeTasks(
    cluster: string,
    tasks: readonly string[],
    options?: { readonly tags: boolean },
  ): Promise<readonly Task[]>;
  /** Undefined: there is no such service. */
  describeServiceState(cluster: string, service: string): Promise<ServiceState | undefined>;
  describeContainerDefinitions(taskDefinitionArn: string): Promise<readonly ContainerDefinition[]>;
  describeExecConfiguration(cluster: string): Promise<ExecConfiguration>;
  executeCommand(request: ExecuteCommandRequest): Promise<ExecSession>;
}

export interface PortSessionRequest extends PortDestination {
  /** PROTOCOL 1.3. */
  readonly targetId: string;
  /** For messages, and to judge a task that is not connected (O-2). */
  readonly cluster: string;
  readonly task: string;
  readonly service?: string | undefined;
  readonly taskStartedAt?: Date | undefined;
}

export interface SsmApi {
  /** A session that forwards connections to a port (PROTOCOL 7.1). */
  startPortSession(request: PortSessionRequest): Promise<ExecSession>;
  terminateSession(sessionId: string): Promise<void>;
  /** A new way into a session whose connection was lost; undefined when the session is over (S-16). */
  resumeSession(
    sessionId: string,
  ): Promise<Pick<ExecSession, 'streamUrl' | 'tokenValue'> | undefined>;
}

/**
 * Sees to it that sessions end when this process is killed outright, which nothing in it can do: the
 * service would keep them for a connection that may come back (S-15).
 */
export interface SessionGuard {
  /**
   * @param onFailure called with the reason where nothing can watch
   * @returns the function that takes the session off the list: it has ended
   */
  watch(sessionId: string, onFailure: (reason: string) => void): () => void;
}

export interface DataKeyRequest {
  /** Key ARN, or an id in the session's region (K-2). */
  readonly keyId: string;
  readonly encryptionContext: Readonly<Record<string, string>>;
}

export interface DataKey {
  /** 64 bytes; the caller wipes them. */
  readonly plaintext: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface KmsApi {
  generateDataKey(request: DataKeyRequest): Promise<DataKey>;
}

/** One websocket of a data channel; a frame is one message (PROTOCOL F-14). */
export interface FrameTransport {
  sendText(text: string): void;
  sendBinary(frame: Uint8Array): void;
  /** Stops reading from the socket: the only way to slow the agent down (PROTOCOL S-6). */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface FrameListener {
  onFrame(frame: Uint8Array): void;
  /** The socket is gone; called once, also after `close()`. */
  onClose(reason: string): void;
}

export type OpenTransport = (
  url: string,
  listener: FrameListener,
  signal: AbortSignal,
) => Promise<FrameTransport>;

/** What a local program does with its connection. */
export interface LocalConnectionListener {
  /** There is something to `read`. */
  onReadable(): void;
  /** It sends no more, and everything has been read. It may still receive, or be gone altogether. */
  onEnd(): void;
  /** It is gone, or we have closed it. */
  onClose(): void;
}

/** A TCP connection of a local program, which is read only when asked to. */
export interface LocalConnection {
  /** Called once, at first. */
  listen(listener: LocalConnectionListener): void;
  /** Undefined when nothing is there. */
  read(): Uint8Array | undefined;
  /** @param onTaken the program, or the kernel for it, has taken all of it */
  write(data: Uint8Array, onTaken: () => void): void;
  /** Nothing follows from us. `onSent`: the program, or the kernel for it, has taken everything. */
  end(onSent: () => void): void;
  /** Drops it. */
  close(): void;
  /** Drops it so that the program sees an error, and not an end. */
  reset(): void;
}

export interface ListenRequest {
  /** IP addresses, the first of which is meant in any case: the others may be missing here. */
  readonly addresses: readonly string[];
  /** 0: any that is free, the same on every address. */
  readonly port: number;
}

/** What accepts connections. */
export interface LocalListener {
  readonly addresses: readonly string[];
  readonly port: number;
  close(): void;
}

/** @throws EcshError `port-in-use`, `port-forbidden`, `address-unusable` */
export type Listen = (
  request: ListenRequest,
  onConnection: (connection: LocalConnection) => void,
) => Promise<LocalListener>;

/** Milliseconds since the epoch and one-shot timers; a manual clock in tests. */
export interface Clock {
  now(): number;
  /** Returns the function that cancels the timer. */
  after(milliseconds: number, run: () => void): () => void;
}

/** Signals that end a session early; a port so that tests can send them. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof END_SIGNALS)[number];

export interface Signals {
  /** Takes over from the default action of the process; returns the function that gives it back. */
  on(signal: EndSignal | 'SIGTSTP' | 'SIGCONT', handler: () => void): () => void;
  /** Stops this process as SIGTSTP would, until SIGCONT. */
  suspend(): void;
}

/** One line of a question; a search finds the label and the detail. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the label. */
  readonly detail?: string | undefined;
  /** Of little use, as the detail says: it stands dimmed at the end, and can be chosen all the same. */
  readonly isDimmed?: boolean | undefined;
}

export interface Question<T> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
  readonly canGoBack: boolean;
}

/** By Ctrl-C, unless a signal says otherwise. */
export interface Cancelled {
  readonly kind: 'cancelled';
  readonly by?: EndSignal | undefined;
}

export type Answer<T> =
  | { readonly kind: 'chosen'; readonly value: T }
  | { readonly kind: 'back' }
  | Cancelled;

export type Waited<T> = { readonly kind: 'done'; readonly value: T } | Cancelled;

/** Questions to somebody at a terminal, asked on stderr. */
export interface Prompts {
  /** A list to search in by typing; nothing of it stays on the screen. */
  select<T>(question: Question<T>): Promise<Answer<T>>;
  confirm(message: string): Promise<boolean | Cancelled>;
  /** Shows the message while the work takes time. */
  waitFor<T>(message: string, work: Promise<T>): Promise<Waited<T>>;
}

/** Small files of our own: configuration, the last target, what completion remembers. */
export interface Files {
  /** Undefined: there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Whole or not at all, for the user's eyes only; makes its folder. */
  write(path: string, text: string): Promise<void>;
}

/** Window size in characters. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** The terminal that the user sits at: stdin and stdout both are one. */
export interface LocalTerminal {
  size(): TerminalSize;
  /** Returns the function that stops listening. */
  onResize(run: (size: TerminalSize) => void): () => void;
  /** Runs `body` in raw mode; the mode is given back on return, throw, exit and stop (T-3). */
  raw<T>(body: () => Promise<T>): Promise<T>;
}
