import type { Task } from '#domain/resolve/task.ts';
import type { ExecSession } from './session-ports.ts';

export interface TaskQuery {
  readonly cluster: string;
  readonly service?: string | undefined;
  readonly family?: string | undefined;
  /** Only tasks that were started with exactly this `startedBy`; not together with a service or family. */
  readonly startedBy?: string | undefined;
  /** RUNNING by default. No task has the desired status PENDING (ECS API, ListTasks). */
  readonly desiredStatus?: 'RUNNING' | 'STOPPED' | undefined;
  /** All of them will be described with these fields, which may begin while they are listed. */
  readonly thenDescribe?: ThenDescribe | undefined;
}

export interface ThenDescribe {
  readonly tags: boolean;
  /** Receives each page as soon as it is described; not called if all tasks fit on one page. */
  readonly onPage?: ((tasks: readonly Task[]) => void) | undefined;
  /** Stops after the current page. */
  readonly abort?: AbortSignal | undefined;
}

/** The state of a service, and its last event. */
export interface ServiceState {
  readonly desiredCount: number;
  readonly pendingCount: number;
  readonly lastEvent?: string | undefined;
}

/** The part of a container definition that the container choice needs. */
export interface ContainerDefinition {
  readonly name: string;
  readonly essential: boolean;
}

/** The part of a cluster's `executeCommandConfiguration` that sessions depend on. */
export interface ExecConfiguration {
  /** NONE, DEFAULT or OVERRIDE; undefined, when absent, acts as DEFAULT. */
  readonly logging?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  /** The caller lacks permission to read it, or ECS has not answered. */
  readonly isUnknown?: true;
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

/** The place that calls go to. Most "not found" errors come from looking in the wrong region. */
export interface AwsPlace {
  readonly region?: string | undefined;
  /** The value from the flag or the variable. */
  readonly profile?: string | undefined;
}

/** ECS operations over all pages; failures are `EcshError`s with cause and fix. */
export interface EcsApi {
  /** The known part of it; makes no call. */
  place(): Promise<AwsPlace>;
  /** ARNs of all clusters the caller may list. */
  listClusters(): Promise<readonly string[]>;
  /** ARNs of all services of a cluster. */
  listServices(cluster: string): Promise<readonly string[]>;
  /** Names of the active task definition families with this prefix. */
  listFamilies(prefix: string): Promise<readonly string[]>;
  /** ARNs of tasks; of those whose desired status is RUNNING unless the query says otherwise. */
  listTasks(query: TaskQuery): Promise<readonly string[]>;
  /** Tasks in any order, without those that ECS reports as MISSING. Any number of ids or ARNs. */
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
