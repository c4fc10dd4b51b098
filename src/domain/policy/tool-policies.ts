import {
  clusterArn,
  PLACE,
  type PolicyStatement,
  type PolicyTemplate,
  type PolicyValues,
  passRoles,
  serviceArn,
} from './policy-model.ts';
import { definitionArns, READ_TASKS, runTask } from './task-statements.ts';

const NETWORK_ACTIONS = [
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcAttribute',
  'ec2:DescribeVpcEndpoints',
];

const ROLE_ACTIONS = ['iam:GetInstanceProfile', 'iam:GetRole', 'iam:SimulatePrincipalPolicy'];

const DOCTOR_ACTIONS = [
  'cloudtrail:LookupEvents',
  ...NETWORK_ACTIONS,
  'ecs:DescribeCapacityProviders',
  'ecs:DescribeClusters',
  'ecs:DescribeContainerInstances',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListTasks',
  ...ROLE_ACTIONS,
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'logs:DescribeLogGroups',
  's3:GetEncryptionConfiguration',
  'ssm:DescribeSessions',
];

/** Actions that enable and restart need to plan and to watch. */
export const WATCH_ACTIONS = [
  'ecs:DescribeServiceDeployments',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListServiceDeployments',
  'ecs:ListTasks',
];

/** Actions that enable needs to check beforehand whether new tasks would be ready. */
const PREFLIGHT_ACTIONS = [
  ...NETWORK_ACTIONS,
  'ecs:DescribeClusters',
  'ecs:DescribeContainerInstances',
  ...ROLE_ACTIONS,
];

/** Policies for the calls of ecsh itself, by command. */
export const TOOL_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'doctor',
    summary: 'everything that ecsh doctor can look at; nothing is changed',
    attachTo: 'people and CI roles',
    needs: [],
    statements: (values) => [
      { Sid: 'Doctor', Effect: 'Allow', Action: DOCTOR_ACTIONS, Resource: '*' },
      ...headBucket(values),
    ],
    remarks: (values) => [
      'doctor works with less, and reports what it could not check.',
      ...bucketRemark(values),
    ],
  },
  {
    name: 'enable',
    summary: 'what ecsh enable and disable call for a service',
    attachTo: 'people',
    needs: PLACE,
    narrowedBy: ['cluster'],
    statements: (values) => [
      {
        Sid: 'EnableService',
        Effect: 'Allow',
        Action: 'ecs:UpdateService',
        Resource: serviceArn(values),
      },
      { Sid: 'WatchDeployment', Effect: 'Allow', Action: WATCH_ACTIONS, Resource: '*' },
      { Sid: 'Preflight', Effect: 'Allow', Action: PREFLIGHT_ACTIONS, Resource: '*' },
    ],
    remarks: ({ cluster, service }) => [
      ...(cluster === ''
        ? ['It covers every service of the account and region: narrow it with -C or a TARGET.']
        : service === ''
          ? ['It covers every service of the cluster: narrow it with a TARGET.']
          : []),
      'UpdateService can also change the task definition and the number of tasks of the service.',
      'Without the permissions of Preflight, enable cannot judge beforehand whether new tasks could be entered.',
    ],
  },
  {
    name: 'enable-revision',
    summary: 'what ecsh enable --writable-agent-paths calls besides',
    attachTo: 'people',
    needs: ['family', 'roles', ...PLACE],
    statements: (values) => [
      // UNVERIFIED: that a task definition can be named here; try it with one family and register another.
      {
        Sid: 'RegisterRevision',
        Effect: 'Allow',
        Action: 'ecs:RegisterTaskDefinition',
        Resource: '*',
      },
      {
        Sid: 'TagRevision',
        Effect: 'Allow',
        Action: 'ecs:TagResource',
        Resource: definitionArns(values),
        Condition: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
      },
      passRoles(values),
    ],
    remarks: () => ['Whoever may register a revision may also change its image and its command.'],
  },
  {
    name: 'enable-task',
    summary: 'what ecsh enable task calls',
    attachTo: 'people',
    needs: ['family', 'roles', ...PLACE],
    narrowedBy: ['cluster'],
    statements: (values) => [
      ...runTask(values),
      passRoles(values),
      {
        Sid: 'Preflight',
        Effect: 'Allow',
        Action: [...READ_TASKS, ...PREFLIGHT_ACTIONS],
        Resource: '*',
      },
    ],
    remarks: ({ cluster }) => [
      'RunTask can override the command of a task: it runs anything, with the task role.',
      ...(cluster === '' ? ['It covers every cluster: narrow it with -C or a TARGET.'] : []),
    ],
  },
  {
    name: 'logging',
    summary: 'what ecsh logging reads and changes',
    attachTo: 'people',
    needs: PLACE,
    narrowedBy: ['cluster'],
    statements: (values) => [
      {
        Sid: 'ChangeCluster',
        Effect: 'Allow',
        Action: ['ecs:DescribeClusters', 'ecs:UpdateCluster'],
        Resource: clusterArn(values),
      },
      {
        Sid: 'CheckDestinations',
        Effect: 'Allow',
        Action: ['kms:DescribeKey', 'logs:DescribeLogGroups', 's3:GetEncryptionConfiguration'],
        Resource: '*',
      },
      ...headBucket(values),
    ],
    remarks: (values) => [
      ...(values.cluster === '' ? ['It covers every cluster: narrow it with -C.'] : []),
      ...bucketRemark(values),
    ],
  },
];

/** HeadBucket is authorised as s3:ListBucket, which also lists the names of all objects. */
function headBucket({ partition, bucket }: PolicyValues): readonly PolicyStatement[] {
  if (bucket === '') return [];
  const Resource = `arn:${partition || 'aws'}:s3:::${bucket}`;
  return [{ Sid: 'FindBucket', Effect: 'Allow', Action: 's3:ListBucket', Resource }];
}

function bucketRemark({ bucket }: PolicyValues): readonly string[] {
  return bucket === ''
    ? ['To tell a missing bucket from a forbidden one, add s3:ListBucket on it with --bucket NAME.']
    : [];
}
