import type { ErrorEntry } from './error-entry.ts';

/** enable, disable, restart, stop and logging. */
export const ROLLOUT_ERRORS = {
  'service-expected': {
    cause: 'enable, disable and restart take a service.',
    remedy: 'Name a service, or use ecsh enable task or ecsh stop.',
  },
  'task-expected': {
    cause: 'ecsh stop and ecsh run --wait take one task.',
    remedy: 'Name it by its id: ecsh ls tasks.',
  },
  'task-of-service': {
    cause: 'enable task takes a task that belongs to no service.',
    remedy: 'Use ecsh enable SERVICE.',
  },
  'preflight-failed': {
    cause: 'New tasks could not be entered.',
    remedy: 'Fix what the message names, or use --force.',
  },
  'rollout-in-progress': {
    cause: 'Another deployment is in progress.',
    remedy: 'Wait for it, or use --force.',
  },
  'rollout-failed': {
    cause: 'ECS gave up the deployment.',
    remedy: "The message has ECS's reason.",
  },
  'rollout-rolled-back': {
    cause: 'ECS rolled the deployment back.',
    remedy: "The message has ECS's reason.",
  },
  'flag-not-taken': {
    cause: 'New tasks came without ECS Exec.',
    remedy: 'See ecsh doctor SERVICE.',
  },
  'rollout-timeout': {
    cause: 'The deployment was not finished in time.',
    remedy: 'It goes on; watch it with ecsh ls tasks SERVICE --watch, or raise --timeout.',
  },
  'task-left-running': {
    cause: 'A task of ecsh run could not be stopped.',
    remedy: 'It ends by itself after --ttl. Stop it now: ecsh run --cleanup.',
  },
  'protection-refused': {
    cause: 'ECS does not protect the task from scale-in.',
    remedy: 'Only running tasks of services can be protected. Leave out --protect.',
  },
  'revision-left': {
    cause: 'A task definition of ecsh run --image could not be deregistered.',
    remedy: 'It costs nothing. Deregister it: aws ecs deregister-task-definition.',
  },
  'task-timeout': {
    cause: 'The task was not ready, or had not stopped, in time.',
    remedy: 'See ecsh describe TASK. ecsh run stops its task; other tasks go on.',
  },
  interrupted: { cause: 'A signal ended the wait.', remedy: 'The deployment or the stop goes on.' },
  'network-unknown': {
    cause: "enable task does not know the task's network.",
    remedy: 'Name --subnet and --security-group.',
  },
  'task-not-placed': {
    cause: 'ECS could not place the task.',
    remedy: "The message has ECS's reason.",
  },
  'task-not-ready': { cause: 'The new task cannot be entered.', remedy: 'See ecsh doctor TASK.' },
  'service-not-active': {
    cause: 'The service is being deleted.',
    remedy: 'Choose another service.',
  },
  'platform-unknown': {
    cause: 'AWS does not know the platform version.',
    remedy: 'Correct it in the service.',
  },
  'platform-incompatible': {
    cause: 'The task definition does not fit the platform version.',
    remedy: 'Correct one of them.',
  },
  'namespace-not-found': {
    cause: 'The Service Connect namespace does not exist.',
    remedy: 'Correct it in the service.',
  },
  'controller-code-deploy': {
    cause: 'CodeDeploy has to replace the tasks.',
    remedy: 'Start a deployment there. enable --no-redeploy sets the flag alone.',
  },
  'controller-external': {
    cause: 'An external controller has to replace the tasks.',
    remedy: 'Start a deployment there. enable --no-redeploy sets the flag alone.',
  },
  'logging-change-missing': {
    cause: 'logging set needs something to change.',
    remedy: 'See ecsh help logging.',
  },
  'logging-needs-override': {
    cause: 'A log group or bucket needs logging OVERRIDE.',
    remedy: 'Add --mode override.',
  },
  'logging-needs-destination': {
    cause: 'Logging OVERRIDE needs a log group or a bucket.',
    remedy: 'Name one.',
  },
  'logging-not-applied': { cause: 'AWS did not take the change.', remedy: 'Try again.' },
  'log-group-missing': {
    cause: 'The log group does not exist.',
    remedy: "Create it first, in the cluster's region.",
  },
  'log-group-not-encrypted': {
    cause: 'The log group is not encrypted.',
    remedy: 'Encrypt it with a KMS key, or drop the encryption flag.',
  },
  'bucket-missing': { cause: 'The bucket does not exist.', remedy: 'Create it first.' },
  'bucket-not-encrypted': {
    cause: 'The bucket is not encrypted.',
    remedy: 'Encrypt it, or drop the encryption flag.',
  },
  'log-group-elsewhere': {
    cause: 'The log group is in another region or account.',
    remedy: 'Name one in the region and account of the cluster.',
  },
  'policy-unknown': { cause: 'There is no such policy.', remedy: 'List them: ecsh policy.' },
  'policy-value-missing': {
    cause: 'The policy needs a value that was not given.',
    remedy: 'The message names it.',
  },
  'kms-key-not-arn': { cause: 'The policy needs the ARN of a key.', remedy: "Give the key's ARN." },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
