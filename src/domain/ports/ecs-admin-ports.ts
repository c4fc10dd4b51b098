import type { AgentMount } from '#domain/readiness/agent-paths.ts';
import type { Task, TaskTag } from '#domain/resolve/task.ts';
import type { ClusterDetails, ServiceDetails, TaskDefinitionDetails } from './ecs-responses.ts';
import type {
  PlacementConstraint,
  PlacementStrategy,
  VolumeConfiguration,
} from './placement-responses.ts';

/**
 * Changes that ecsh makes in ECS, and reads that only follow a change. A call for which the caller lacks
 * permission fails with EcshError `access-denied`.
 */

/** UpdateService with only the changes. */
export interface ServiceChange {
  readonly cluster: string;
  readonly service: string;
  /** Undefined: the service keeps its value. */
  readonly enableExecuteCommand?: boolean | undefined;
  /** The flag alone starts no deployment. */
  readonly forceNewDeployment: boolean;
  /** ARN of another revision; without it the service keeps its own. */
  readonly taskDefinition?: string | undefined;
}

/** A task definition from which another revision can be registered. */
export interface RevisionDraft {
  readonly definition: TaskDefinitionDetails;
  /** Registers it with these additional volumes mounted, and with its tags. @returns the ARN of the revision */
  register(mounts: readonly AgentMount[]): Promise<string>;
  /** The revision with another image for this container; everything else stays, including tags. */
  withImage(container: string, image: string): ImageRevision;
}

/** A revision that differs from its draft in the image of one container. */
export interface ImageRevision {
  /** The RegisterTaskDefinition request. The environment of its containers may hold secrets. */
  readonly input: Readonly<Record<string, unknown>>;
  /** @returns the ARN of the revision */
  register(): Promise<string>;
}

/** A daemon that ECS runs on each instance of its capacity providers; it is not a service. */
export interface ManagedDaemon {
  readonly daemonArn: string;
  readonly capacityProviderArns: readonly string[];
}

/** `serviceDeployments[]` of DescribeServiceDeployments. */
export interface ServiceDeployment {
  readonly serviceDeploymentArn?: string | undefined;
  readonly status?: string | undefined;
  readonly statusReason?: string | undefined;
  /** Blue/green, linear and canary strategies only. */
  readonly lifecycleStage?: string | undefined;
  /** Hooks of the current stage; one that pauses is `AWAITING_ACTION`. */
  readonly lifecycleHookDetails?:
    | readonly { readonly hookId?: string | undefined; readonly status?: string | undefined }[]
    | undefined;
}

export interface AwsvpcConfiguration {
  readonly subnets: string[];
  readonly securityGroups: string[];
  readonly assignPublicIp: 'ENABLED' | 'DISABLED';
}

/** `containerOverrides[]` of RunTask; names as in the API. */
export interface ContainerOverride {
  readonly name?: string | undefined;
  readonly command?: string[] | undefined;
  readonly environment?:
    | { readonly name?: string | undefined; readonly value?: string | undefined }[]
    | undefined;
  readonly environmentFiles?:
    | { readonly value: string | undefined; readonly type: 's3' | undefined }[]
    | undefined;
  readonly cpu?: number | undefined;
  /** MiB. */
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
}

/** `overrides` of a task, in the form that RunTask accepts. */
export interface RunOverrides {
  readonly containerOverrides?: ContainerOverride[] | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}

export const LAUNCH_TYPES = ['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'] as const;

export interface RunTaskRequest {
  readonly cluster: string;
  /** ARN. */
  readonly taskDefinition: string;
  /** Never together with a strategy. */
  readonly launchType?: (typeof LAUNCH_TYPES)[number] | undefined;
  readonly capacityProviderStrategy?:
    | {
        readonly capacityProvider: string;
        readonly weight?: number | undefined;
        readonly base?: number | undefined;
      }[]
    | undefined;
  readonly platformVersion?: string | undefined;
  readonly placementConstraints?: PlacementConstraint[] | undefined;
  readonly placementStrategy?: PlacementStrategy[] | undefined;
  /** One for each volume that the definition leaves to the launch. ECS deletes it with the task. */
  readonly volumeConfigurations?: VolumeConfiguration[] | undefined;
  readonly networkConfiguration?: { readonly awsvpcConfiguration: AwsvpcConfiguration } | undefined;
  readonly overrides?: RunOverrides | undefined;
  readonly group?: string | undefined;
  readonly tags?: TaskTag[] | undefined;
  readonly enableExecuteCommand: boolean;
  readonly startedBy: string;
  /** Prevents a repeated request from starting more. */
  readonly clientToken: string;
}

/** `failures[]` in a successful answer. */
export interface RunTaskFailure {
  readonly arn?: string | undefined;
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
}

export interface RunTaskAnswer {
  readonly tasks: readonly Task[];
  readonly failures: readonly RunTaskFailure[];
}

export type ClusterConfiguration = NonNullable<ClusterDetails['configuration']>;

export interface EcsAdminApi {
  /** Sent once, because a repetition after a lost answer would start a second deployment. */
  updateService(change: ServiceChange): Promise<ServiceDetails>;
  /** Undefined if the cluster has no managed daemon of this name. */
  findDaemon(cluster: string, name: string): Promise<ManagedDaemon | undefined>;
  /** @param taskDefinition ARN, `FAMILY:REVISION` or a family */
  draftRevision(taskDefinition: string): Promise<RevisionDraft>;
  /** Makes a revision INACTIVE: its tasks continue, and new ones cannot start. */
  deregisterRevision(arn: string): Promise<void>;
  /** The newest one; undefined if ECS has no record of any. */
  latestServiceDeployment(cluster: string, service: string): Promise<ServiceDeployment | undefined>;
  /** ARNs of the tasks whose desired status is STOPPED, while ECS remembers them. */
  listStoppedTasks(cluster: string, service: string): Promise<readonly string[]>;
  /** The overrides that a task was started with, from a whole DescribeTasks. */
  taskOverrides(cluster: string, task: string): Promise<RunOverrides>;
  runTask(request: RunTaskRequest): Promise<RunTaskAnswer>;
  /** Asks ECS to stop the task; returns before it has stopped. `reason` shows in DescribeTasks. */
  stopTask(cluster: string, task: string, reason: string): Promise<void>;
  /** `configuration` is assumed to replace the existing one, not to be merged into it. */
  updateCluster(cluster: string, configuration: ClusterConfiguration): Promise<void>;
}
