import type { ErrorEntry } from './error-entry.ts';

/** Finding a container and checking that it is ready. */
export const TARGET_ERRORS = {
  'target-invalid': {
    cause: 'TARGET is not [CLUSTER/]NAME[@CONTAINER] or a task ARN.',
    remedy: 'See ecsh help targets.',
    isUsage: true,
  },
  'cluster-not-found': {
    cause: 'There is no such cluster in this account and region.',
    remedy: 'List them: ecsh ls clusters.',
  },
  'service-not-found': {
    cause: 'There is no such service in the cluster.',
    remedy: 'List them: ecsh ls services.',
  },
  'family-not-found': {
    cause: 'No task definition family has this name.',
    remedy: 'Check the name.',
  },
  'task-not-found': {
    cause: 'There is no such task in the cluster.',
    remedy: 'List them: ecsh ls tasks. ECS forgets stopped tasks after about an hour.',
  },
  'nothing-found': { cause: 'ls found nothing.', remedy: 'Check cluster, region and account.' },
  'target-ambiguous': { cause: 'Several tasks match.', remedy: 'Give more of the id.' },
  'container-ambiguous': {
    cause: 'The task has several containers to choose from.',
    remedy: 'Name one: NAME@CONTAINER or -c.',
  },
  'container-conflict': {
    cause: 'TARGET and -c name different containers.',
    remedy: 'Name the container once.',
    isUsage: true,
  },
  'container-not-found': {
    cause: 'The task has no container with this name.',
    remedy: 'Choose one of those that the message lists.',
  },
  'no-running-task': {
    cause: 'The service or family has no running task.',
    remedy:
      'Wait for one with --wait, or see why tasks stop: ecsh ls tasks --status stopped --wide.',
  },
  'task-not-running': {
    cause: 'The task is not running.',
    remedy: 'Wait with --wait, or choose another task.',
  },
  'container-not-running': {
    cause: 'The container is not running.',
    remedy: 'Wait with --wait, or choose another container.',
  },
  'last-target-missing': {
    cause: '`-` means the last target, and there is none yet.',
    remedy: 'Name a target.',
  },
  'all-needs-service': {
    cause: '--all takes a service or a family.',
    remedy: 'Name a service, or family:NAME.',
  },
  'log-unreadable': {
    cause: 'CloudWatch Logs does not hold the log of the target.',
    remedy: 'The message says where it is; ecsh logs reads the awslogs driver only.',
  },
  'exec-disabled': {
    cause: 'ECS Exec was off when the task was started.',
    remedy: 'Turn it on and replace the tasks: ecsh enable SERVICE.',
  },
  'exec-agent-missing': {
    cause: 'ECS added no exec agent to the container.',
    remedy: 'Find the cause: ecsh doctor TARGET.',
  },
  'exec-agent-not-running': {
    cause: 'The exec agent is not running.',
    remedy: 'Find the cause: ecsh doctor TARGET. A new task usually helps.',
  },
  'exec-not-ready': {
    cause: 'ECS Exec is off, or the exec agent is not running.',
    remedy: 'Find out which: ecsh doctor TARGET.',
  },
  'agent-cannot-write': {
    cause: 'The exec agent cannot write its files.',
    remedy: 'The root file system is read-only or full: ecsh doctor TARGET.',
  },
  'session-worker-crashed': {
    cause: "The exec agent's worker died during the session.",
    remedy: 'Often memory: see ecsh doctor TARGET.',
  },
  'fargate-platform-too-old': {
    cause: 'ECS Exec needs Fargate platform version 1.4.0.',
    remedy: 'Deploy the service on 1.4.0 or LATEST.',
  },
  'target-not-connected': {
    cause: 'The exec agent is not connected to Session Manager.',
    remedy:
      'The task role lacks ssmmessages actions, or the task has no route: ecsh doctor TARGET.',
  },
  'data-channel-unreachable': {
    cause: 'The exec agent cannot open its data channel.',
    remedy: 'Check the task role and the route to ssmmessages: ecsh doctor TARGET.',
  },
  'task-role-missing': {
    cause: 'The task definition has no task role.',
    remedy: 'Register a revision with taskRoleArn: ecsh policy task-role.',
  },
  'task-role-kms-decrypt': {
    cause: 'The task role may not use the session key.',
    remedy: 'Attach ecsh policy task-kms to the task role.',
  },
  'caller-kms-generate-data-key': {
    cause: 'You may not use the session key.',
    remedy: 'Attach ecsh policy caller-kms to your user or role.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
