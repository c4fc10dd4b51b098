import { PLACE, type PolicyTemplate, serviceArn } from './policy-model.ts';
import { inCluster, taskArnsOf, WATCH_ACTIONS } from './tool-policies.ts';

/** Policies of the commands that look after services and tasks. */
export const OPERATION_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'restart',
    summary: 'what ecsh restart calls',
    attachTo: 'people and CI roles',
    needs: PLACE,
    narrowedBy: ['cluster'],
    statements: (values) => [
      {
        Sid: 'ReplaceTasks',
        Effect: 'Allow',
        Action: 'ecs:UpdateService',
        Resource: serviceArn(values),
      },
      { Sid: 'WatchDeployment', Effect: 'Allow', Action: WATCH_ACTIONS, Resource: '*' },
    ],
    remarks: ({ cluster, service }) => [
      ...(cluster === '' || service === ''
        ? ['It covers every service of that place: narrow it with a TARGET.']
        : []),
      'UpdateService can also change the task definition and the number of tasks of the service.',
    ],
  },
  {
    name: 'stop',
    summary: 'what ecsh stop calls',
    attachTo: 'people',
    needs: PLACE,
    narrowedBy: ['cluster'],
    statements: (values) => [
      {
        Sid: 'StopTask',
        Effect: 'Allow',
        Action: 'ecs:StopTask',
        Resource: taskArnsOf(values),
        ...inCluster(values),
      },
      {
        Sid: 'FindTask',
        Effect: 'Allow',
        Action: ['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListTasks'],
        Resource: '*',
      },
    ],
    remarks: ({ cluster }) =>
      cluster === '' ? ['It covers every task of the account and region: narrow it with -C.'] : [],
  },
];
