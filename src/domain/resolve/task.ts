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
  /** As in the task definition. */
  readonly image?: string | undefined;
  /** `sha256:…` of the image that was pulled. */
  readonly imageDigest?: string | undefined;
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
  /** When ECS started and finished pulling the images of the task. */
  readonly pullStartedAt?: Date | undefined;
  readonly pullStoppedAt?: Date | undefined;
  readonly stoppedAt?: Date | undefined;
  /** The deployment of the service that started it: `ecs-svc/…`. */
  readonly startedBy?: string | undefined;
  /** Empty unless requested. */
  readonly tags: readonly TaskTag[];
  readonly attachments: readonly Attachment[];
  readonly overrides: TaskOverrides;
  readonly containers: readonly Container[];
}

export interface TaskTag {
  readonly key: string;
  readonly value: string;
}

/** An `ElasticNetworkInterface` or similar, with its `details[]` by name. */
export interface Attachment {
  readonly type: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Overrides of the task definition, by RunTask or a deployment. */
export interface TaskOverrides {
  readonly taskRoleArn?: string | undefined;
  readonly containers: readonly {
    readonly name: string;
    readonly environment: readonly { readonly name: string; readonly value: string }[];
    /** MiB. */
    readonly memory?: number | undefined;
  }[];
}
