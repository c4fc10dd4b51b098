import type { PolicyTemplate, PolicyValues } from './policy-model.ts';

const DOCTOR_ACTIONS = [
  'cloudtrail:LookupEvents',
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcAttribute',
  'ec2:DescribeVpcEndpoints',
  'ecs:DescribeCapacityProviders',
  'ecs:DescribeClusters',
  'ecs:DescribeContainerInstances',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListTasks',
  'iam:GetInstanceProfile',
  'iam:GetRole',
  'iam:SimulatePrincipalPolicy',
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'logs:DescribeLogGroups',
  's3:GetEncryptionConfiguration',
  's3:ListBucket',
  'ssm:DescribeSessions',
];

const ENABLE_ACTIONS = [
  'ec2:DescribeNetworkInterfaces',
  'ecs:DescribeServiceDeployments',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListServiceDeployments',
  'ecs:ListTasks',
  'ecs:RunTask',
  // RunTask with tags is authorised as tagging too (ECS developer guide, tagging on creation).
  'ecs:TagResource',
  'ecs:UpdateService',
];

const LOGGING_ACTIONS = [
  'ecs:DescribeClusters',
  'ecs:UpdateCluster',
  'kms:DescribeKey',
  'logs:DescribeLogGroups',
  's3:GetEncryptionConfiguration',
  's3:ListBucket',
];

/** READINESS 3.10: what ecsh itself calls, by command. Every one but `doctor` changes something. */
export const TOOL_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'doctor',
    summary: 'what ecsh doctor reads',
    attachTo: 'people',
    needs: [],
    statements: () => [{ Sid: 'Doctor', Effect: 'Allow', Action: DOCTOR_ACTIONS, Resource: '*' }],
    remarks: () => ['doctor works with less, and says what it could not look at.'],
  },
  {
    name: 'enable',
    summary: 'what ecsh enable and disable call',
    attachTo: 'people',
    needs: ['partition', 'account'],
    statements: (values) => [
      { Sid: 'Enable', Effect: 'Allow', Action: ENABLE_ACTIONS, Resource: '*' },
      passRole(values),
    ],
    remarks: () => [
      'RunTask, TagResource and iam:PassRole are for ecsh enable task; a service needs none.',
    ],
  },
  {
    name: 'logging',
    summary: 'what ecsh logging reads and changes',
    attachTo: 'people',
    needs: [],
    statements: () => [{ Sid: 'Logging', Effect: 'Allow', Action: LOGGING_ACTIONS, Resource: '*' }],
    remarks: () => [],
  },
];

/** RunTask hands the roles of the task definition to ECS. */
function passRole({ partition, account }: PolicyValues) {
  return {
    Sid: 'RunTaskPassesRoles',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: `arn:${partition}:iam::${account}:role/*`,
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  } as const;
}
