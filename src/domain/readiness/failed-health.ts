import type { Task } from '#domain/resolve/task.ts';

/** Names of the containers whose health check fails. */
export function unhealthyContainers({ containers }: Pick<Task, 'containers'>): readonly string[] {
  return containers
    .filter(({ healthStatus }) => healthStatus === 'UNHEALTHY')
    .map(({ name }) => name);
}

/** A container with a failing health check, and those that have not started, probably because they depend on it. */
export interface HeldUp {
  readonly unhealthy: string;
  readonly waiting: readonly string[];
}

/**
 * The cause that delays a starting task: `dependsOn` with HEALTHY waits forever unless a `startTimeout` ends it (the ECS
 * agent, `verifyContainerOrderingStatusResolvable`). Undefined if nothing waits or nothing is unhealthy.
 */
export function heldUpByHealth(task: Pick<Task, 'containers'>): HeldUp | undefined {
  const waiting = task.containers
    .filter(({ lastStatus }) => ['PENDING', 'CREATED'].includes(lastStatus))
    .map(({ name }) => name);
  const unhealthy = unhealthyContainers(task).find((name) => !waiting.includes(name));
  return unhealthy === undefined || waiting.length === 0 ? undefined : { unhealthy, waiting };
}

/** `Container db fails its health check, and app waits for it (dependsOn).` */
export function heldUpText({ unhealthy, waiting }: HeldUp): string {
  const verb = waiting.length === 1 ? 'waits' : 'wait';
  return `Container ${unhealthy} fails its health check, and ${waiting.join(', ')} ${verb} for it (dependsOn).`;
}
