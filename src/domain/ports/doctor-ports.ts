import type {
  ImageDetails,
  InstanceDetails,
  NetworkAclDetails,
  NetworkInterfaceDetails,
  RouteTableDetails,
  SecurityGroupDetails,
  SubnetDetails,
  VpcEndpointDetails,
} from './ec2-responses.ts';
import type {
  CapacityProviderDetails,
  ClusterDetails,
  ContainerInstanceDetails,
  ServiceDetails,
  TaskDefinitionDetails,
} from './ecs-responses.ts';
import type {
  CallerIdentity,
  Evaluation,
  RoleDetails,
  SimulationRequest,
} from './iam-responses.ts';
import type {
  ActiveSession,
  BucketEncryption,
  BucketState,
  ExecEvent,
  KeyDetails,
  LogGroupDetails,
  SessionDetails,
  SessionQuery,
} from './session-responses.ts';

/**
 * Questions of `ecsh doctor` beyond DescribeTasks, one port per service. Nothing here makes changes;
 * the answers are records beside it (`ecs-answers.ts` and others).
 *
 * A call for which the caller lacks permission fails with EcshError `access-denied`.
 */

/** Each one returns undefined if ECS reports MISSING. */
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

export interface StsApi {
  getCallerIdentity(): Promise<CallerIdentity>;
}

export interface IamApi {
  /** Undefined: there is no such role. */
  getRole(name: string): Promise<RoleDetails | undefined>;
  /** ARNs of the roles in an instance profile. */
  instanceProfileRoles(name: string): Promise<readonly string[]>;
  /** All pages. */
  simulate(request: SimulationRequest): Promise<readonly Evaluation[]>;
}

export interface Ec2Api {
  describeSubnet(subnetId: string): Promise<SubnetDetails | undefined>;
  /** The table of the subnet, or the main one of its VPC. */
  describeRouteTable(subnetId: string, vpcId: string): Promise<RouteTableDetails | undefined>;
  describeNetworkInterface(id: string): Promise<NetworkInterfaceDetails | undefined>;
  /** All endpoints of the VPC: those of the task's subnet and those of others. */
  describeNetworkAcls(vpcId: string): Promise<readonly NetworkAclDetails[]>;
  describeVpcEndpoints(vpcId: string): Promise<readonly VpcEndpointDetails[]>;
  describeSecurityGroups(ids: readonly string[]): Promise<readonly SecurityGroupDetails[]>;
  describeVpcAttribute(
    vpcId: string,
    attribute: 'enableDnsSupport' | 'enableDnsHostnames',
  ): Promise<boolean | undefined>;
  describeInstance(id: string): Promise<InstanceDetails | undefined>;
  describeImage(id: string): Promise<ImageDetails | undefined>;
}

export interface KeyApi {
  /** By id, alias or ARN; undefined: there is none. */
  describeKey(keyId: string): Promise<KeyDetails | undefined>;
  /** The default policy, JSON. */
  getKeyPolicy(keyId: string): Promise<string | undefined>;
}

export interface LogsApi {
  /** All log groups with this prefix: the caller picks the exact name. */
  describeLogGroups(namePrefix: string): Promise<readonly LogGroupDetails[]>;
}

export interface S3Api {
  headBucket(bucket: string): Promise<BucketState>;
  /**
   * Default encryption; undefined: none. With `owner`, the ID of an account, S3 denies the call unless the
   * bucket belongs to it (ExpectedBucketOwner).
   */
  bucketEncryption(bucket: string, owner?: string): Promise<BucketEncryption | undefined>;
}

export interface SessionsApi {
  /** Active sessions on `ecs:CLUSTER_TASK_RUNTIMEID`. */
  describeSessions(targetId: string): Promise<readonly ActiveSession[]>;
  /** All sessions of the account and region, including those of instances. */
  listSessions(query: SessionQuery): Promise<readonly SessionDetails[]>;
}

export interface TrailApi {
  /** The latest ExecuteCommand events, newest first. */
  lookupExecEvents(): Promise<readonly ExecEvent[]>;
}

/** Facts of this machine. */
export interface LocalApi {
  /** The region that calls go to. */
  region(): Promise<string>;
  nodeVersion(): string;
  /** Milliseconds by which the clock of AWS is ahead of ours, from the Date header of an answer. */
  clockSkew(): Promise<number>;
  /**
   * Where a data channel to the host of the region is opened: ECSH_STREAM_HOST may name another.
   * Undefined with an endpoint of the user's own, which tells only with a session (O-1).
   */
  channelUrl(ofRegion: string): Promise<string | undefined>;
  /** The output of `PROGRAM --version`; undefined if there is no such program. */
  programVersion(program: string): Promise<string | undefined>;
  /** Opens a TLS connection the way the data channel would, and closes it. */
  reach(host: string, port: number): Promise<void>;
}

/** Each service's client is loaded when its port is first needed. */
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
