import { unhealthyContainers } from '#domain/readiness/failed-health.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { RUN_TAGS } from './run-request.ts';

/** The reason why a fresh task ended, and the next step. */
export interface StopExplanation {
  /** The text of ECS, and the containers that ended on their own. */
  readonly reason: string;
  readonly hint: string;
}

/**
 * Rules by the text of ECS (ECS developer guide, "Stopped tasks error messages"); the first match wins. UNVERIFIED:
 * the texts change with platform versions; compare `aws ecs describe-tasks` of such a task.
 */
const RULES: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  {
    pattern: /exec: .*(?:executable file not found|no such file or directory)/i,
    hint: 'The image may have no sh. Give the container the command itself:  ecsh run --no-shell  (or --detach, to leave it running)',
  },
  {
    pattern: /no space left on device/i,
    hint: 'The disk is full: give the task more ephemeral storage, or use a smaller image.',
  },
  {
    pattern: /descriptor matching platform|exec format error/i,
    hint: 'The image is built for another processor: build it for the runtimePlatform of the task definition.',
  },
  {
    pattern: /CannotPull|pull image manifest|manifest unknown|repository .* not found/i,
    hint: 'Check the image and its tag, and that the execution role may pull it and the network reaches the registry.',
  },
  {
    pattern: /Cloudwatch log|logger args|log ?group|log stream|awslogs/i,
    hint: 'Create the log group of the task definition (or set awslogs-create-group), and let the execution role write to it.',
  },
  {
    pattern: /\bEFS\b|\bnfs|mount\.nfs/i,
    hint: 'The task cannot mount its file system: check the mount target, its security group (port 2049) and the task role.',
  },
  {
    pattern: /secret|\bssm\b|\basm\b|registry auth|ResourceInitializationError/i,
    hint: 'Check the secrets of the task definition, and that the execution role may read them and the network reaches them.',
  },
  {
    pattern: /OutOfMemory|OOM|memory usage/i,
    hint: 'The container needs more memory: give the task more with --memory.',
  },
  {
    pattern: /health/i,
    hint: 'A container failed its health check: see its log, and what its command needs.',
  },
  {
    pattern: /depend/i,
    hint: 'A container that another one depends on (dependsOn) failed: see its log.',
  },
  {
    pattern: /Spot|capacity|SpotInterruption/i,
    hint: 'AWS took the capacity back, or has none there: try again later, or in another subnet with --subnet.',
  },
  {
    pattern: /Host EC2|instance .*terminated|AGENT|DRAINING/i,
    hint: 'The instance went away: run it again.',
  },
  {
    pattern: /rollback|deployment|Task stopped by|UserInitiated|stopped by user/i,
    hint: 'Somebody stopped the task: CloudTrail has the StopTask call.',
  },
];

/** Explains a stopped task by the reasons that ECS reports for it and its containers. */
export function whyStopped(task: Task, containerName: string): StopExplanation {
  const all = task.containers.filter(hasEndedByItself);
  // The container that waits for the command exits with 0 if it is stopped along with another one.
  const others = all.filter(({ name, exitCode }) => name !== containerName || exitCode !== 0);
  const ended = others.length === 0 ? all : others;
  const words = [task.stoppedReason, ...task.containers.map(({ reason }) => reason)].filter(
    (text) => text !== undefined,
  );
  const reasons = [...new Set(words)];
  const said = reasons.length === 0 ? 'ECS gives no reason' : reasons.join(' ');
  const statuses = ended.map(
    ({ name, exitCode }) => ` Container ${name} ended with status ${exitCode}.`,
  );
  const health = unhealthyContainers(task)
    .map((name) => ` Container ${name} failed its health check.`)
    .join('');
  return {
    reason: `${said.replace(/\.$/, '')}.${health}${statuses.join('')}`,
    hint: hintOf([said, health, task.stopCode].join(' '), { task, ended, containerName }),
  };
}

/** Without a reason, 143 and 137 are the SIGTERM and SIGKILL of a task that is being stopped. */
export function hasEndedByItself({ exitCode, reason }: Container): boolean {
  return exitCode !== undefined && (![137, 143].includes(exitCode) || reason !== undefined);
}

interface StoppedTask {
  readonly task: Task;
  /** The containers that ended on their own. */
  readonly ended: readonly Container[];
  readonly containerName: string;
}

function hintOf(said: string, { task, ended, containerName }: StoppedTask): string {
  const rule = RULES.find(({ pattern }) => pattern.test(said));
  if (rule !== undefined) return rule.hint;
  const sidecar = ended.find(({ name }) => name !== containerName);
  if (sidecar !== undefined && !ended.some(({ name }) => name === containerName)) {
    return `Container ${sidecar.name} is essential and ended, so ECS stopped the task. Repair it, or make it essential: false.`;
  }
  if (task.tags.some(({ key }) => key === RUN_TAGS.detached)) {
    return `See more of it:  ecsh describe ${nameInArn(task.clusterArn)}/${nameInArn(task.taskArn)}`;
  }
  return 'The ENTRYPOINT of the image may not run the arguments that it gets. Give it the command itself:  ecsh run --no-shell  (or --detach, to leave it running)';
}
