/**
 * What `ecsh doctor` reads beyond DescribeTasks, one port per service (READINESS 1.4 to 1.7). Nothing
 * here changes anything. Records keep the names of the API and the SDK, so that an adapter hands an
 * answer through and a fixture is an answer. Everything is optional, as in the SDK's types.
 *
 * A call that the caller may not make fails with EcshError `access-denied`.
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
  readonly pidMode?: string | undefined;
  /** MiB, as text. */
  readonly memory?: string | undefined;
  readonly runtimePlatform?: { readonly operatingSystemFamily?: string | undefined } | undefined;
  readonly containerDefinitions?: readonly ContainerDetails[] | undefined;
}

/** `executeCommandConfiguration` whole (READINESS 5). */
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
  readonly schedulingStrategy?: string | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  readonly createdBy?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly tags?: readonly Tag[] | undefined;
  readonly deploymentController?: { readonly type?: string | undefined } | undefined;
  readonly deploymentConfiguration?:
    | {
        readonly strategy?: string | undefined;
        readonly minimumHealthyPercent?: number | undefined;
        readonly maximumPercent?: number | undefined;
        readonly deploymentCircuitBreaker?:
          | { readonly enable?: boolean | undefined; readonly rollback?: boolean | undefined }
          | undefined;
      }
    | undefined;
  readonly deployments?: readonly DeploymentDetails[] | undefined;
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

/** Each answers undefined for what ECS reports as MISSING. */
export interface EcsDetailsApi {
  describeTaskDefinition(arn: string): Promise<TaskDefinitionDetails | undefined>;
  /** With CONFIGURATIONS and TAGS. */
  describeCluster(cluster: string): Promise<ClusterDetails | undefined>;
  describeService(cluster: string, service: string): Promise<ServiceDetails | undefined>;
  describeContainerInstance(
    cluster: string,
    arn: string,
  ): Promise<ContainerInstanceDetails | undefined>;
  describeCapacityProvider(name: string): Promise<CapacityProviderDetails | undefined>;
}

export interface CallerIdentity {
  readonly Account?: string | undefined;
  readonly Arn?: string | undefined;
}

export interface StsApi {
  getCallerIdentity(): Promise<CallerIdentity>;
}

export interface RoleDetails {
  readonly Arn?: string | undefined;
  readonly RoleName?: string | undefined;
  /** JSON, URL-encoded as IAM sends it. */
  readonly AssumeRolePolicyDocument?: string | undefined;
  readonly PermissionsBoundary?:
    | { readonly PermissionsBoundaryArn?: string | undefined }
    | undefined;
}

export interface SimulationRequest {
  readonly PolicySourceArn: string;
  readonly ActionNames: readonly string[];
  readonly ResourceArns: readonly string[];
  readonly ContextEntries: readonly {
    readonly ContextKeyName: string;
    readonly ContextKeyValues: readonly string[];
    readonly ContextKeyType: 'string';
  }[];
}

/** One of `EvaluationResults[]` (READINESS 1.5). */
export interface Evaluation {
  readonly EvalActionName?: string | undefined;
  readonly EvalResourceName?: string | undefined;
  readonly EvalDecision?: string | undefined;
  readonly MatchedStatements?:
    | readonly {
        readonly SourcePolicyId?: string | undefined;
        readonly SourcePolicyType?: string | undefined;
      }[]
    | undefined;
  readonly MissingContextValues?: readonly string[] | undefined;
  readonly OrganizationsDecisionDetail?:
    | { readonly AllowedByOrganizations?: boolean | undefined }
    | undefined;
  readonly PermissionsBoundaryDecisionDetail?:
    | { readonly AllowedByPermissionsBoundary?: boolean | undefined }
    | undefined;
  readonly ResourceSpecificResults?:
    | readonly {
        readonly EvalResourceName?: string | undefined;
        readonly EvalResourceDecision?: string | undefined;
        readonly MatchedStatements?: Evaluation['MatchedStatements'];
        readonly MissingContextValues?: readonly string[] | undefined;
        readonly PermissionsBoundaryDecisionDetail?:
          | { readonly AllowedByPermissionsBoundary?: boolean | undefined }
          | undefined;
      }[]
    | undefined;
}

export interface IamApi {
  /** Undefined: there is no such role. */
  getRole(name: string): Promise<RoleDetails | undefined>;
  /** ARNs of the roles in an instance profile. */
  instanceProfileRoles(name: string): Promise<readonly string[]>;
  /** All pages. */
  simulate(request: SimulationRequest): Promise<readonly Evaluation[]>;
}

export interface SubnetDetails {
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly CidrBlock?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
}

export interface RouteDetails {
  readonly DestinationCidrBlock?: string | undefined;
  readonly DestinationIpv6CidrBlock?: string | undefined;
  readonly State?: string | undefined;
  readonly NatGatewayId?: string | undefined;
  readonly GatewayId?: string | undefined;
  readonly TransitGatewayId?: string | undefined;
  readonly NetworkInterfaceId?: string | undefined;
  readonly EgressOnlyInternetGatewayId?: string | undefined;
  readonly VpcPeeringConnectionId?: string | undefined;
  readonly InstanceId?: string | undefined;
}

export interface RouteTableDetails {
  readonly RouteTableId?: string | undefined;
  readonly Routes?: readonly RouteDetails[] | undefined;
}

export interface NetworkInterfaceDetails {
  readonly NetworkInterfaceId?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly Association?: { readonly PublicIp?: string | undefined } | undefined;
  readonly Groups?: readonly { readonly GroupId?: string | undefined }[] | undefined;
}

export interface VpcEndpointDetails {
  readonly VpcEndpointId?: string | undefined;
  readonly VpcEndpointType?: string | undefined;
  readonly ServiceName?: string | undefined;
  readonly State?: string | undefined;
  readonly PolicyDocument?: string | undefined;
  readonly PrivateDnsEnabled?: boolean | undefined;
  readonly SubnetIds?: readonly string[] | undefined;
  readonly RouteTableIds?: readonly string[] | undefined;
  readonly Groups?: readonly { readonly GroupId?: string | undefined }[] | undefined;
}

/** `IpPermissions[]` and `IpPermissionsEgress[]` of a security group. */
export interface IpPermissionDetails {
  /** `-1` is every protocol. */
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly IpRanges?: readonly { readonly CidrIp?: string | undefined }[] | undefined;
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6?: string | undefined }[] | undefined;
  readonly PrefixListIds?: readonly { readonly PrefixListId?: string | undefined }[] | undefined;
  readonly UserIdGroupPairs?: readonly { readonly GroupId?: string | undefined }[] | undefined;
}

export interface SecurityGroupDetails {
  readonly GroupId?: string | undefined;
  readonly IpPermissions?: readonly IpPermissionDetails[] | undefined;
  readonly IpPermissionsEgress?: readonly IpPermissionDetails[] | undefined;
}

export interface InstanceDetails {
  readonly InstanceId?: string | undefined;
  readonly IamInstanceProfile?: { readonly Arn?: string | undefined } | undefined;
  readonly SecurityGroups?: readonly { readonly GroupId?: string | undefined }[] | undefined;
  readonly PublicIpAddress?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
}

export interface ImageDetails {
  readonly Name?: string | undefined;
  readonly CreationDate?: string | undefined;
}

export interface Ec2Api {
  describeSubnet(subnetId: string): Promise<SubnetDetails | undefined>;
  /** The table of the subnet, or the main one of its VPC. */
  describeRouteTable(subnetId: string, vpcId: string): Promise<RouteTableDetails | undefined>;
  describeNetworkInterface(id: string): Promise<NetworkInterfaceDetails | undefined>;
  describeVpcEndpoints(vpcId: string): Promise<readonly VpcEndpointDetails[]>;
  describeSecurityGroups(ids: readonly string[]): Promise<readonly SecurityGroupDetails[]>;
  describeVpcAttribute(
    vpcId: string,
    attribute: 'enableDnsSupport' | 'enableDnsHostnames',
  ): Promise<boolean | undefined>;
  describeInstance(id: string): Promise<InstanceDetails | undefined>;
  describeImage(id: string): Promise<ImageDetails | undefined>;
}

export interface KeyDetails {
  readonly Arn?: string | undefined;
  readonly KeyId?: string | undefined;
  readonly KeyState?: string | undefined;
  readonly KeySpec?: string | undefined;
  readonly KeyUsage?: string | undefined;
}

export interface KeyApi {
  /** By id, alias or ARN; undefined: there is none. */
  describeKey(keyId: string): Promise<KeyDetails | undefined>;
  /** The default policy, JSON. */
  getKeyPolicy(keyId: string): Promise<string | undefined>;
}

export interface LogGroupDetails {
  readonly logGroupName?: string | undefined;
  readonly kmsKeyId?: string | undefined;
}

export interface LogsApi {
  /** All whose name begins so: the exact name has to be picked out (READINESS check 70). */
  describeLogGroups(namePrefix: string): Promise<readonly LogGroupDetails[]>;
}

export type BucketState =
  | { readonly kind: 'there' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'elsewhere'; readonly region: string | undefined };

/** `ApplyServerSideEncryptionByDefault` of GetBucketEncryption. */
export interface BucketEncryption {
  readonly SSEAlgorithm?: string | undefined;
  /** Id or ARN of the key of SSE-KMS; none: S3's own. */
  readonly KMSMasterKeyID?: string | undefined;
}

export interface S3Api {
  headBucket(bucket: string): Promise<BucketState>;
  /** Default encryption; undefined: none. */
  bucketEncryption(bucket: string): Promise<BucketEncryption | undefined>;
}

export interface ActiveSession {
  readonly SessionId?: string | undefined;
  readonly Owner?: string | undefined;
  readonly StartDate?: Date | undefined;
}

export interface SessionsApi {
  /** Active sessions on `ecs:CLUSTER_TASK_RUNTIMEID`. */
  describeSessions(targetId: string): Promise<readonly ActiveSession[]>;
}

export interface ExecEvent {
  readonly Username?: string | undefined;
  readonly EventTime?: Date | undefined;
  /** JSON. */
  readonly CloudTrailEvent?: string | undefined;
}

export interface TrailApi {
  /** The latest ExecuteCommand events, newest first. */
  lookupExecEvents(): Promise<readonly ExecEvent[]>;
}

/** Facts of this machine (READINESS tier G). */
export interface LocalApi {
  /** The region that calls go to. */
  region(): Promise<string>;
  nodeVersion(): string;
  /** Milliseconds that the clock of AWS is ahead of ours, by the Date header of an answer. */
  clockSkew(): Promise<number>;
  /**
   * Where a data channel to the host of the region is opened: ECSH_STREAM_HOST may name another.
   * Undefined with an endpoint of the user's own, which tells only with a session (O-1).
   */
  channelUrl(ofRegion: string): Promise<string | undefined>;
  /** What `PROGRAM --version` prints; undefined: there is no such program. */
  programVersion(program: string): Promise<string | undefined>;
  /** Opens a TLS connection the way the data channel would, and closes it. */
  reach(host: string, port: number): Promise<void>;
}

/** Each service's client is loaded when its port is first asked for. */
export interface DoctorPorts {
  readonly ecs: () => Promise<EcsDetailsApi>;
  readonly sts: () => Promise<StsApi>;
  readonly iam: () => Promise<IamApi>;
  readonly ec2: () => Promise<Ec2Api>;
  readonly keys: () => Promise<KeyApi>;
  readonly logs: () => Promise<LogsApi>;
  readonly s3: () => Promise<S3Api>;
  readonly sessions: () => Promise<SessionsApi>;
  readonly trail: () => Promise<TrailApi>;
  readonly local: () => Promise<LocalApi>;
}
