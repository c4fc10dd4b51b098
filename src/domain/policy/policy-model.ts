/** Values for the templates of `ecsh policy`; ARNs and names in the form of AWS. */
export interface PolicyValues {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** Name, possibly with wildcards. */
  readonly cluster: string;
  readonly containers: readonly string[];
  readonly tag: { readonly key: string; readonly value: string } | undefined;
  /** `task`: the cluster is named and need not carry the tag. */
  readonly tagScope: 'task' | 'both';
  readonly logGroup: string;
  readonly bucket: string;
  /** May be empty. */
  readonly prefix: string;
  readonly kmsKey: string;
  /** Key of a bucket with SSE-KMS; empty for others. */
  readonly bucketKey: string;
  /** Account of the bucket, or `OTHER_ACCOUNT`; empty: that of the role. */
  readonly bucketAccount: string;
  /** Name of a service; empty: every service of the cluster. */
  readonly service: string;
  /** Family of a task definition; may be a pattern. */
  readonly family: string;
  /** ARNs of the roles that RunTask and RegisterTaskDefinition pass to ECS. */
  readonly roles: readonly string[];
  /** The caller may also resume and end sessions. */
  readonly sessionControl: boolean;
}

/** For a bucket of another account whose ID is not known: S3 does not give it to callers. */
export const OTHER_ACCOUNT = 'other';

/** No values yet. */
export const EMPTY_VALUES: PolicyValues = {
  partition: '',
  region: '',
  account: '',
  cluster: '',
  containers: [],
  tag: undefined,
  tagScope: 'both',
  logGroup: '',
  bucket: '',
  prefix: '',
  kmsKey: '',
  bucketKey: '',
  bucketAccount: '',
  service: '',
  family: '',
  roles: [],
  sessionControl: false,
};

/** A value that a template requires. */
export type PolicyNeed =
  | 'family'
  | 'roles'
  | 'partition'
  | 'region'
  | 'account'
  | 'cluster'
  | 'containers'
  | 'logGroup'
  | 'bucket'
  | 'kmsKey';

export type OneOrMore = string | readonly string[];
export type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Readonly<Record<string, OneOrMore>>;
  readonly Action: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly Condition?: Conditions;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyTemplate {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** The owner of the document. */
  readonly attachTo: string;
  readonly needs: readonly PolicyNeed[];
  /** Makes the policy narrower if it is given; without it the policy covers everything of its kind. */
  readonly narrowedBy?: readonly PolicyNeed[];
  /** With a tag, replaces `needs`. */
  readonly needsWithTag?: readonly PolicyNeed[];
  readonly statements: (values: PolicyValues) => readonly PolicyStatement[];
  /** Notes for the reader. */
  readonly remarks: (values: PolicyValues) => readonly string[];
}

/** The location of everything in a cluster. */
export const PLACE: readonly PolicyNeed[] = ['partition', 'region', 'account'];

/** The values that a template requires, given the ones that are set. */
export function neededBy(
  { needs, needsWithTag }: Pick<PolicyTemplate, 'needs' | 'needsWithTag'>,
  { tag }: Pick<PolicyValues, 'tag'>,
): readonly PolicyNeed[] {
  return tag === undefined ? needs : (needsWithTag ?? needs);
}

/** Whether IAM would treat a text as a pattern, in fields with patterns. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

export function documentOf(template: PolicyTemplate, values: PolicyValues): PolicyDocument {
  return { Version: '2012-10-17', Statement: template.statements(values) };
}

export function clusterArn({ partition, region, account, cluster }: PolicyValues): string {
  return `arn:${partition}:ecs:${region}:${account}:cluster/${cluster || '*'}`;
}

/** The services of the cluster, or the named one. */
export function serviceArn(values: PolicyValues): string {
  const { partition, region, account, cluster, service } = values;
  return `arn:${partition}:ecs:${region}:${account}:service/${cluster || '*'}/${service || '*'}`;
}

/** RunTask and RegisterTaskDefinition pass these roles to ECS, and to nothing else. */
export function passRoles({ roles }: PolicyValues): PolicyStatement {
  return {
    Sid: 'PassRolesToTasks',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: roles,
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  };
}

export function taskArnPatterns({ partition, region, account, cluster }: PolicyValues): string {
  return `arn:${partition}:ecs:${region}:${account}:task/${cluster}/*`;
}

/** Partitions by the start of their regions; all others are `aws`. */
const PARTITIONS: readonly (readonly [string, string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
];

/** The partition of a region, if there is no ARN with it. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(([start]) => region.startsWith(start))?.[1] ?? 'aws';
}
