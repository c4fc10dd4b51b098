import type {
  PlacementConstraint,
  PlacementStrategy,
  VolumeConfiguration,
} from './placement-responses.ts';

/**
 * ECS responses that `ecsh doctor` reads beyond DescribeTasks. They keep the field names of the API,
 * so that adapters pass responses through and fixtures are real responses. Every field is optional,
 * as in the types of the SDK.
 */

export interface NamedValue {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

export interface MountPoint {
  readonly sourceVolume?: string | undefined;
  readonly containerPath?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

/** `containerDefinitions[]` of DescribeTaskDefinition. */
export interface ContainerDetails {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly user?: string | undefined;
  readonly essential?: boolean | undefined;
  /** MiB. */
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
  /** CPU units: 1024 is one vCPU. */
  readonly cpu?: number | undefined;
  readonly readonlyRootFilesystem?: boolean | undefined;
  readonly environment?: readonly NamedValue[] | undefined;
  readonly environmentFiles?: readonly { readonly value?: string | undefined }[] | undefined;
  readonly secrets?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly mountPoints?: readonly MountPoint[] | undefined;
  readonly dockerSecurityOptions?: readonly string[] | undefined;
  readonly restartPolicy?: { readonly enabled?: boolean | undefined } | undefined;
  readonly linuxParameters?:
    | {
        readonly initProcessEnabled?: boolean | undefined;
        readonly capabilities?: { readonly drop?: readonly string[] | undefined } | undefined;
      }
    | undefined;
  readonly logConfiguration?:
    | {
        readonly logDriver?: string | undefined;
        readonly options?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
}

export interface TaskDefinitionDetails {
  readonly taskDefinitionArn?: string | undefined;
  readonly family?: string | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly networkMode?: string | undefined;
  /** The launch types that ECS checked it for when it was registered. */
  readonly requiresCompatibilities?: readonly string[] | undefined;
  readonly pidMode?: string | undefined;
  /** MiB, as a string. */
  readonly memory?: string | undefined;
  readonly runtimePlatform?: { readonly operatingSystemFamily?: string | undefined } | undefined;
  readonly containerDefinitions?: readonly ContainerDetails[] | undefined;
  readonly volumes?:
    | readonly {
        readonly name?: string | undefined;
        readonly configuredAtLaunch?: boolean | undefined;
      }[]
    | undefined;
}

/** `executeCommandConfiguration` of a cluster. */
export interface ExecLoggingConfiguration {
  readonly kmsKeyId?: string | undefined;
  readonly logging?: string | undefined;
  readonly logConfiguration?:
    | {
        readonly cloudWatchLogGroupName?: string | undefined;
        readonly cloudWatchEncryptionEnabled?: boolean | undefined;
        readonly s3BucketName?: string | undefined;
        readonly s3EncryptionEnabled?: boolean | undefined;
        readonly s3KeyPrefix?: string | undefined;
      }
    | undefined;
}

export interface ClusterDetails {
  readonly clusterArn?: string | undefined;
  readonly clusterName?: string | undefined;
  readonly status?: string | undefined;
  readonly tags?: readonly Tag[] | undefined;
  readonly configuration?:
    | {
        readonly executeCommandConfiguration?: ExecLoggingConfiguration | undefined;
        readonly managedStorageConfiguration?: Readonly<Record<string, unknown>> | undefined;
      }
    | undefined;
}

export interface Tag {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

export interface DeploymentDetails {
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  readonly taskDefinition?: string | undefined;
  readonly desiredCount?: number | undefined;
  readonly pendingCount?: number | undefined;
  readonly runningCount?: number | undefined;
  readonly failedTasks?: number | undefined;
  readonly rolloutState?: string | undefined;
  readonly rolloutStateReason?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly volumeConfigurations?: readonly VolumeConfiguration[] | undefined;
}

export interface TaskSetDetails {
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  /** ID of the CodeDeploy deployment that created it. */
  readonly externalId?: string | undefined;
  readonly taskDefinition?: string | undefined;
}

export interface CapacityProviderStrategyItem {
  readonly capacityProvider: string | undefined;
  readonly weight?: number | undefined;
  readonly base?: number | undefined;
}

/** `awsvpcConfiguration` of a service. */
export interface ServiceNetwork {
  readonly subnets: readonly string[] | undefined;
  readonly securityGroups?: readonly string[] | undefined;
  readonly assignPublicIp?: string | undefined;
}

export interface DeploymentConfiguration {
  readonly strategy?: string | undefined;
  readonly minimumHealthyPercent?: number | undefined;
  readonly maximumPercent?: number | undefined;
  readonly deploymentCircuitBreaker?:
    | { readonly enable?: boolean | undefined; readonly rollback?: boolean | undefined }
    | undefined;
  readonly alarms?:
    | {
        readonly alarmNames?: readonly string[] | undefined;
        readonly enable?: boolean | undefined;
        readonly rollback?: boolean | undefined;
      }
    | undefined;
  readonly bakeTimeInMinutes?: number | undefined;
  readonly lifecycleHooks?: readonly LifecycleHook[] | undefined;
  readonly linearConfiguration?:
    | {
        readonly stepPercent?: number | undefined;
        readonly stepBakeTimeInMinutes?: number | undefined;
      }
    | undefined;
  readonly canaryConfiguration?:
    | { readonly canaryBakeTimeInMinutes?: number | undefined }
    | undefined;
}

export interface LifecycleHook {
  /** `AWS_LAMBDA` (the default) or `PAUSE`. */
  readonly targetType?: string | undefined;
  readonly hookTargetArn?: string | undefined;
  readonly lifecycleStages?: readonly string[] | undefined;
}

export interface ServiceDetails {
  readonly serviceArn?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly clusterArn?: string | undefined;
  readonly status?: string | undefined;
  readonly desiredCount?: number | undefined;
  readonly runningCount?: number | undefined;
  readonly pendingCount?: number | undefined;
  readonly taskDefinition?: string | undefined;
  readonly launchType?: string | undefined;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[] | undefined;
  /** `LATEST`, or the version that new deployments are pinned to. */
  readonly platformVersion?: string | undefined;
  /** Only services on EC2 and external instances have these two. */
  readonly placementConstraints?: readonly PlacementConstraint[] | undefined;
  readonly placementStrategy?: readonly PlacementStrategy[] | undefined;
  readonly networkConfiguration?:
    | { readonly awsvpcConfiguration?: ServiceNetwork | undefined }
    | undefined;
  readonly schedulingStrategy?: string | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  readonly createdBy?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly tags?: readonly Tag[] | undefined;
  readonly deploymentController?: { readonly type?: string | undefined } | undefined;
  readonly deploymentConfiguration?: DeploymentConfiguration | undefined;
  readonly platformFamily?: string | undefined;
  /** `ECS` for an Express Mode service. */
  readonly resourceManagementType?: string | undefined;
  readonly deployments?: readonly DeploymentDetails[] | undefined;
  /** Used instead of deployments if CodeDeploy or an external controller deploys the service. */
  readonly taskSets?: readonly TaskSetDetails[] | undefined;
  readonly events?:
    | readonly {
        readonly id?: string | undefined;
        readonly createdAt?: Date | undefined;
        readonly message?: string | undefined;
      }[]
    | undefined;
}

export interface ContainerInstanceDetails {
  readonly containerInstanceArn?: string | undefined;
  readonly ec2InstanceId?: string | undefined;
  readonly status?: string | undefined;
  readonly agentConnected?: boolean | undefined;
  readonly versionInfo?: { readonly agentVersion?: string | undefined } | undefined;
  readonly attributes?: readonly NamedValue[] | undefined;
}

export interface CapacityProviderDetails {
  readonly name?: string | undefined;
  readonly autoScalingGroupProvider?:
    | { readonly managedScaling?: { readonly status?: string | undefined } | undefined }
    | undefined;
}
