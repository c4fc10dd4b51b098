import type { Decision } from '#doctor/rules/simulation.ts';
import type {
  ImageDetails,
  InstanceDetails,
  NetworkAclDetails,
  NetworkInterfaceDetails,
  RouteTableDetails,
  SecurityGroupDetails,
  SubnetDetails,
  VpcEndpointDetails,
} from '#domain/ports/ec2-responses.ts';
import type {
  CapacityProviderDetails,
  ClusterDetails,
  ContainerInstanceDetails,
  ServiceDetails,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';
import type { CallerIdentity, RoleDetails } from '#domain/ports/iam-responses.ts';
import type {
  ActiveSession,
  BucketEncryption,
  BucketState,
  ExecEvent,
  KeyDetails,
  LogGroupDetails,
} from '#domain/ports/session-responses.ts';
import { type Finding, notAsked } from './finding.ts';

/** The parts of AWS and of this machine to check. Comments call them tiers A to G, in this order. */
export const AREAS = [
  'task',
  'setup',
  'permissions',
  'network',
  'destinations',
  'sessions',
  'local',
] as const;
export type Area = (typeof AREAS)[number];

/** `undefined` in a known finding: AWS says that there is no such thing. */
type Maybe<T> = Finding<T | undefined>;

/** Tier B: what the task was made from and what it runs on. */
export interface SetupEvidence {
  readonly taskDefinition: Maybe<TaskDefinitionDetails>;
  readonly cluster: Maybe<ClusterDetails>;
  readonly service: Maybe<ServiceDetails>;
  readonly containerInstance: Maybe<ContainerInstanceDetails>;
  readonly capacityProvider: Maybe<CapacityProviderDetails>;
}

/** The EC2 instance under the task, which both permissions and network look at. */
export interface HostEvidence {
  readonly instance: Maybe<InstanceDetails>;
  readonly image: Maybe<ImageDetails>;
}

/** Tier C. Decisions are what SimulatePrincipalPolicy says about each action on each resource. */
export interface PermissionEvidence {
  readonly caller: Finding<CallerIdentity>;
  /** The caller in a simulation: the ARN of a user or role with its path. */
  readonly callerPrincipal: Finding<string>;
  readonly taskRole: Maybe<RoleDetails>;
  readonly serviceLinkedRole: Maybe<RoleDetails>;
  /** ARNs of the roles of the instance, which the agent uses if the task has no role. */
  readonly instanceRoles: Finding<readonly string[]>;
  /** The caller: ecs:ExecuteCommand. */
  readonly callerOnCluster: Finding<readonly Decision[]>;
  /** The caller: ecs:ExecuteCommand, ecs:DescribeTasks, ssm:StartSession. */
  readonly callerOnTask: Finding<readonly Decision[]>;
  /** The caller: kms:GenerateDataKey on the cluster's key. */
  readonly callerOnKey: Finding<readonly Decision[]>;
  /** The task role, or the instance role in its place: the four ssmmessages actions. */
  readonly roleOnChannels: Finding<readonly Decision[]>;
  readonly roleOnKey: Finding<readonly Decision[]>;
  readonly roleOnLogs: Finding<readonly Decision[]>;
  /** S3's actions, and those on the key of the bucket. */
  readonly roleOnBucket: Finding<readonly Decision[]>;
  /** The execution role: the four ssmmessages actions, when the task role lacks them. */
  readonly executionRoleOnChannels: Finding<readonly Decision[]>;
}

/** The subnet of the task and its VPC. */
export interface TaskVpc {
  readonly subnetId: string;
  readonly vpcId: string;
}

/** Tier D. */
export interface NetworkEvidence {
  readonly subnet: Maybe<SubnetDetails>;
  /** Unknown for a subnet that another account shares. */
  readonly vpc: Finding<TaskVpc>;
  readonly routeTable: Maybe<RouteTableDetails>;
  readonly networkInterface: Maybe<NetworkInterfaceDetails>;
  /** Those of the VPC. */
  readonly networkAcls: Finding<readonly NetworkAclDetails[]>;
  readonly endpoints: Finding<readonly VpcEndpointDetails[]>;
  /** Those of the task or its instance, and those of the endpoints. */
  readonly securityGroups: Finding<readonly SecurityGroupDetails[]>;
  readonly dnsSupport: Maybe<boolean>;
  readonly dnsHostnames: Maybe<boolean>;
}

/** Tier E: the session key and where sessions are logged. */
export interface DestinationEvidence {
  readonly key: Maybe<KeyDetails>;
  readonly keyPolicy: Maybe<string>;
  readonly logGroups: Finding<readonly LogGroupDetails[]>;
  readonly bucket: Finding<BucketState>;
  readonly bucketEncryption: Maybe<BucketEncryption>;
  /** Whether the bucket belongs to another account than the task. */
  readonly isForeignBucket: Finding<boolean>;
}

/** Tier F. */
export interface SessionEvidence {
  readonly activeSessions: Finding<readonly ActiveSession[]>;
  readonly execEvents: Finding<readonly ExecEvent[]>;
}

/** Tier G. */
export interface LocalEvidence {
  readonly region: Finding<string>;
  readonly nodeVersion: Finding<string>;
  /** Milliseconds that the clock of AWS is ahead of ours. */
  readonly clockSkew: Finding<number>;
  /** Host and port of the data channel that was tried; an error says why it was not reached. */
  readonly channelHost: Finding<{ readonly host: string; readonly error?: string | undefined }>;
  readonly isTerminal: Finding<boolean>;
  /** Versions of the AWS CLI and of AWS's plugin, as they print them. */
  readonly awsCli: Maybe<string>;
  readonly sessionPlugin: Maybe<string>;
}

/** Everything known beyond the task itself. */
export interface Evidence
  extends SetupEvidence,
    HostEvidence,
    PermissionEvidence,
    NetworkEvidence,
    DestinationEvidence,
    SessionEvidence,
    LocalEvidence {}

const NOT_WANTED = notAsked('Not asked for.');

/** The evidence before anything was asked. */
export const NO_EVIDENCE: Evidence = {
  taskDefinition: NOT_WANTED,
  cluster: NOT_WANTED,
  service: NOT_WANTED,
  containerInstance: NOT_WANTED,
  capacityProvider: NOT_WANTED,
  instance: NOT_WANTED,
  image: NOT_WANTED,
  caller: NOT_WANTED,
  callerPrincipal: NOT_WANTED,
  taskRole: NOT_WANTED,
  serviceLinkedRole: NOT_WANTED,
  instanceRoles: NOT_WANTED,
  callerOnCluster: NOT_WANTED,
  callerOnTask: NOT_WANTED,
  callerOnKey: NOT_WANTED,
  roleOnChannels: NOT_WANTED,
  roleOnKey: NOT_WANTED,
  roleOnLogs: NOT_WANTED,
  roleOnBucket: NOT_WANTED,
  executionRoleOnChannels: NOT_WANTED,
  subnet: NOT_WANTED,
  vpc: NOT_WANTED,
  routeTable: NOT_WANTED,
  networkInterface: NOT_WANTED,
  networkAcls: NOT_WANTED,
  endpoints: NOT_WANTED,
  securityGroups: NOT_WANTED,
  dnsSupport: NOT_WANTED,
  dnsHostnames: NOT_WANTED,
  key: NOT_WANTED,
  keyPolicy: NOT_WANTED,
  logGroups: NOT_WANTED,
  bucket: NOT_WANTED,
  bucketEncryption: NOT_WANTED,
  isForeignBucket: NOT_WANTED,
  activeSessions: NOT_WANTED,
  execEvents: NOT_WANTED,
  region: NOT_WANTED,
  nodeVersion: NOT_WANTED,
  clockSkew: NOT_WANTED,
  channelHost: NOT_WANTED,
  isTerminal: NOT_WANTED,
  awsCli: NOT_WANTED,
  sessionPlugin: NOT_WANTED,
};
