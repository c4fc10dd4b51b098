import { heldUpByHealth } from '#domain/readiness/failed-health.ts';
import type { Task } from '#domain/resolve/task.ts';

/** The managed agent of ECS Exec in DescribeTasks. */
const EXEC_AGENT = 'ExecuteCommandAgent';

/** A short description of what a new task waits for, and since when. */
export interface StartPhase {
  readonly text: string;
  readonly since: Date | undefined;
}

/**
 * The phase of a task before its command can run (ECS developer guide, "Task lifecycle"). DescribeTasks has the
 * times of the pull on Fargate and on EC2 with the ECS agent.
 */
export function startPhase(task: Task, containerName: string): StartPhase {
  const { lastStatus, createdAt, pullStartedAt, pullStoppedAt, startedAt } = task;
  switch (lastStatus) {
    case 'PROVISIONING':
      return {
        text: 'PROVISIONING: waiting for capacity and a network interface',
        since: createdAt,
      };
    case 'PENDING':
      if (pullStartedAt === undefined) return { text: 'PENDING: placed', since: undefined };
      return pullStoppedAt === undefined
        ? { text: 'PENDING: pulling the images', since: pullStartedAt }
        : { text: `PENDING: starting the containers${startedOf(task)}`, since: pullStoppedAt };
    case 'RUNNING':
      return runningPhase(task, containerName, startedAt);
    default:
      return { text: lastStatus, since: undefined };
  }
}

function runningPhase(
  { containers }: Task,
  containerName: string,
  since: Date | undefined,
): StartPhase {
  const container = containers.find(({ name }) => name === containerName);
  if (container !== undefined && container.lastStatus !== 'RUNNING') {
    return { text: `RUNNING: container ${containerName} is ${container.lastStatus}`, since };
  }
  const agent = container?.managedAgents.find(({ name }) => name === EXEC_AGENT);
  return { text: `RUNNING: exec agent is ${agent?.lastStatus ?? 'not there yet'}`, since };
}

/** Sidecars that start first, such as those in `dependsOn`. */
function startedOf({ containers }: Task): string {
  const waiting = containers.filter(({ lastStatus }) => lastStatus === 'PENDING');
  const names = waiting.map(({ name }) => name).join(', ');
  const heldUp = heldUpByHealth({ containers });
  if (heldUp !== undefined) return ` (${heldUp.unhealthy} is UNHEALTHY, ${names} next)`;
  return waiting.length === 0 || waiting.length === containers.length ? '' : ` (${names} next)`;
}
