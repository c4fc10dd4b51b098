import { PLACE, type PolicyTemplate, serviceArn } from './policy-model.ts';
import { READ_TASKS, stopTask } from './task-statements.ts';
import { WATCH_ACTIONS } from './tool-policies.ts';

/** Policies for the commands that inspect and change services, tasks and sessions. */
export const OPERATION_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'describe',
    summary: 'what ecsh describe calls; nothing is changed',
    attachTo: 'people and CI roles',
    needs: [],
    statements: () => [
      {
        Sid: 'Describe',
        Effect: 'Allow',
        Action: READ_TASKS,
        Resource: '*',
      },
    ],
    remarks: () => [],
  },
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
        ? ['It covers more than one service: narrow it with a TARGET.']
        : []),
      'UpdateService can also change the task definition of the service and its number of tasks.',
    ],
  },
  {
    name: 'sessions',
    summary: 'what ecsh sessions calls to list and to end sessions',
    attachTo: 'people',
    needs: PLACE,
    statements: ({ partition, region, account, sessionControl }) => [
      {
        Sid: 'ListSessions',
        Effect: 'Allow',
        Action: ['cloudtrail:LookupEvents', 'ecs:DescribeTasks', 'ssm:DescribeSessions'],
        Resource: '*',
      },
      ...(sessionControl
        ? [
            {
              Sid: 'EndSessions',
              Effect: 'Allow',
              Action: 'ssm:TerminateSession',
              Resource: `arn:${partition}:ssm:${region}:${account}:session/ecs-execute-command-*`,
            } as const,
          ]
        : []),
    ],
    remarks: ({ sessionControl }) => [
      'Only CloudTrail records who started an ECS Exec session, so ecsh needs cloudtrail:LookupEvents to show it.',
      sessionControl
        ? 'ECS Exec sessions do not name their caller: EndSessions applies to the sessions of everyone, also in other clusters.'
        : 'It only lists sessions. --with-session-control adds the permission to end them, those of everyone.',
    ],
  },
  {
    name: 'stop',
    summary: 'what ecsh stop calls',
    attachTo: 'people',
    needs: PLACE,
    narrowedBy: ['cluster'],
    statements: (values) => [
      stopTask(values),
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
