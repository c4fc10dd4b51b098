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

/** A known `undefined` means that AWS reports no such resource. */
type Maybe<T> = Finding<T | undefined>;

/** Tier B: the task definition, and what the task runs on. */
export interface SetupEvidence {
  readonly taskDefinition: Maybe<TaskDefinitionDetails>;
  readonly cluster: Maybe<ClusterDetails>;
  readonly service: Maybe<ServiceDetails>;
  readonly containerInstance: Maybe<ContainerInstanceDetails>;
  readonly capacityProvider: Maybe<CapacityProviderDetails>;
}

/** The EC2 instance that runs the task. The permission and network checks both use it. */
export interface HostEvidence {
  readonly instance: Maybe<InstanceDetails>;
  readonly image: Maybe<ImageDetails>;
}

/** Tier C. SimulatePrincipalPolicy returns a `Decision` for each action on each resource. */
export interface PermissionEvidence {
  readonly caller: Finding<CallerIdentity>;
  /** The ARN of the caller for simulations: a user, or a role with its path. */
  readonly callerPrincipal: Finding<string>;
  readonly taskRole: Maybe<RoleDetails>;
  readonly serviceLinkedRole: Maybe<RoleDetails>;
  /** ARNs of the instance roles, which the agent uses if the task has no role. */
  readonly instanceRoles: Finding<readonly string[]>;
  /** The caller: ecs:ExecuteCommand. */
  readonly callerOnCluster: Finding<readonly Decision[]>;
  /** The caller: ecs:ExecuteCommand, ecs:DescribeTasks, ssm:StartSession. */
  readonly callerOnTask: Finding<readonly Decision[]>;
  /** The caller: kms:GenerateDataKey on the cluster's key. */
  readonly callerOnKey: Finding<readonly Decision[]>;
  /** The task role, or the instance role if there is none: the four ssmmessages actions. */
  readonly roleOnChannels: Finding<readonly Decision[]>;
  readonly roleOnKey: Finding<readonly Decision[]>;
  readonly roleOnLogs: Finding<readonly Decision[]>;
  /** The S3 actions, and the KMS actions on the bucket's key. */
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
  /** All network ACLs of the VPC. */
  readonly networkAcls: Finding<readonly NetworkAclDetails[]>;
  readonly endpoints: Finding<readonly VpcEndpointDetails[]>;
  /** The groups of the task or its instance, and those of the endpoints. */
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
  /** Whether the bucket belongs to a different account from the task's. */
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
  /** How far AWS's clock is ahead of ours (ms). */
  readonly clockSkew: Finding<number>;
  /** Host and port of the data channel. `error` explains why it cannot be reached. */
  readonly channelHost: Finding<{ readonly host: string; readonly error?: string | undefined }>;
  readonly isTerminal: Finding<boolean>;
  /** The versions of the AWS CLI and of AWS's plugin, as they report them. */
  readonly awsCli: Maybe<string>;
  readonly sessionPlugin: Maybe<string>;
}

/** Everything that the checks know beyond the task itself. */
export interface Evidence
  extends SetupEvidence,
    HostEvidence,
    PermissionEvidence,
    NetworkEvidence,
    DestinationEvidence,
    SessionEvidence,
    LocalEvidence {}

const NOT_ASKED = notAsked('Not asked for.');

/** The evidence before anything is gathered. */
export const NO_EVIDENCE: Evidence = {
  taskDefinition: NOT_ASKED,
  cluster: NOT_ASKED,
  service: NOT_ASKED,
  containerInstance: NOT_ASKED,
  capacityProvider: NOT_ASKED,
  instance: NOT_ASKED,
  image: NOT_ASKED,
  caller: NOT_ASKED,
  callerPrincipal: NOT_ASKED,
  taskRole: NOT_ASKED,
  serviceLinkedRole: NOT_ASKED,
  instanceRoles: NOT_ASKED,
  callerOnCluster: NOT_ASKED,
  callerOnTask: NOT_ASKED,
  callerOnKey: NOT_ASKED,
  roleOnChannels: NOT_ASKED,
  roleOnKey: NOT_ASKED,
  roleOnLogs: NOT_ASKED,
  roleOnBucket: NOT_ASKED,
  executionRoleOnChannels: NOT_ASKED,
  subnet: NOT_ASKED,
  vpc: NOT_ASKED,
  routeTable: NOT_ASKED,
  networkInterface: NOT_ASKED,
  networkAcls: NOT_ASKED,
  endpoints: NOT_ASKED,
  securityGroups: NOT_ASKED,
  dnsSupport: NOT_ASKED,
  dnsHostnames: NOT_ASKED,
  key: NOT_ASKED,
  keyPolicy: NOT_ASKED,
  logGroups: NOT_ASKED,
  bucket: NOT_ASKED,
  bucketEncryption: NOT_ASKED,
  isForeignBucket: NOT_ASKED,
  activeSessions: NOT_ASKED,
  execEvents: NOT_ASKED,
  region: NOT_ASKED,
  nodeVersion: NOT_ASKED,
  clockSkew: NOT_ASKED,
  channelHost: NOT_ASKED,
  isTerminal: NOT_ASKED,
  awsCli: NOT_ASKED,
  sessionPlugin: NOT_ASKED,
};
