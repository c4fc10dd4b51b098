import { PLACE, type PolicyTemplate, type PolicyValues, passRoles } from './policy-model.ts';
import { inCluster, READ_TASKS, runTask, stopTask, taskArnsOf } from './task-statements.ts';

/** Policies of `ecsh run` and `ecsh logs`, beyond those of `ecsh exec`. */
export const RUN_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'run',
    summary: 'what ecsh run calls besides ecsh exec',
    attachTo: 'people and CI roles',
    needs: ['family', 'roles', ...PLACE],
    narrowedBy: ['cluster'],
    statements: (values) => [
      ...runTask(values),
      stopTask(values),
      {
        Sid: 'FindServiceAndTask',
        Effect: 'Allow',
        Action: READ_TASKS,
        Resource: '*',
      },
      passRoles(values),
    ],
    remarks: () => [
      'The command itself runs by ecs:ExecuteCommand: attach the policy of ecsh policy caller as well.',
      'Whoever may run a task may run any command with its task role.',
      '--image also calls ecs:RegisterTaskDefinition and ecs:DeregisterTaskDefinition; --wait and --no-shell read the log: see ecsh policy logs.',
    ],
  },
  {
    name: 'protect',
    summary: 'what --protect calls',
    attachTo: 'people and CI roles',
    needs: PLACE,
    narrowedBy: ['cluster'],
    statements: (values) => [
      {
        Sid: 'ProtectTask',
        Effect: 'Allow',
        Action: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
        Resource: taskArnsOf(values),
        ...inCluster(values),
      },
    ],
    remarks: () => ['A protected task also holds up deployments of its service.'],
  },
  {
    name: 'logs',
    summary: 'what ecsh logs calls',
    attachTo: 'people and CI roles',
    needs: PLACE,
    narrowedBy: [],
    statements: (values) => [
      {
        Sid: 'ReadLogs',
        Effect: 'Allow',
        Action: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartLiveTail'],
        Resource: logGroups(values),
      },
      {
        Sid: 'FindTasks',
        Effect: 'Allow',
        Action: ['ecs:DescribeTaskDefinition', 'ecs:DescribeTasks', 'ecs:ListTasks'],
        Resource: '*',
      },
      {
        Sid: 'FindSessions',
        Effect: 'Allow',
        Action: ['ecs:DescribeClusters', 'ssm:DescribeSessions'],
        Resource: '*',
      },
    ],
    remarks: () => [
      'logs:StartLiveTail is for --live, which costs money. FindSessions is for --session, which also needs s3:GetObject where sessions are logged to a bucket.',
      'It covers every log group of the account and region: name those of your services.',
    ],
  },
];

function logGroups({ partition, region, account }: PolicyValues): string {
  return `arn:${partition}:logs:${region}:${account}:log-group:*`;
}
