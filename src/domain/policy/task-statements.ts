import { clusterArn, type PolicyStatement, type PolicyValues } from './policy-model.ts';

/** Reading a service, its tasks and their definition. */
export const READ_TASKS = [
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListTasks',
];

/** Running a tagged task of a family. */
export function runTask(values: PolicyValues): readonly PolicyStatement[] {
  return [
    {
      Sid: 'RunTask',
      Effect: 'Allow',
      Action: 'ecs:RunTask',
      Resource: definitionArns(values),
      ...inCluster(values),
    },
    {
      // RunTask with tags is authorised as tagging too (ECS developer guide, tagging on creation).
      Sid: 'TagTask',
      Effect: 'Allow',
      Action: 'ecs:TagResource',
      Resource: taskArnsOf(values),
      Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
    },
  ];
}

export function stopTask(values: PolicyValues): PolicyStatement {
  return {
    Sid: 'StopTask',
    Effect: 'Allow',
    Action: 'ecs:StopTask',
    Resource: taskArnsOf(values),
    ...inCluster(values),
  };
}

/** The revisions of the family. */
export function definitionArns({ partition, region, account, family }: PolicyValues): string {
  return `arn:${partition}:ecs:${region}:${account}:task-definition/${family}:*`;
}

/** The tasks of the cluster, or of every cluster if none is named. */
export function taskArnsOf({ partition, region, account, cluster }: PolicyValues): string {
  return `arn:${partition}:ecs:${region}:${account}:task/${cluster || '*'}/*`;
}

/** RunTask is authorised against the task definition; its cluster is a condition. */
export function inCluster(values: PolicyValues): Pick<PolicyStatement, 'Condition'> {
  if (values.cluster === '') return {};
  return { Condition: { ArnLike: { 'ecs:cluster': clusterArn(values) } } };
}
