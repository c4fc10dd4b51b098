import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { assertReady } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { targetIdOf } from '#domain/resolve/resolve.ts';
import { sidecarFeature } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';

/** Hexadecimal digits of a task id that are enough to find it again. */
const ID_LENGTH = 12;

export function shortId(task: Task): string {
  return nameInArn(task.taskArn).slice(0, ID_LENGTH);
}

/** Why no container of the task is reachable; undefined when one is. */
export function taskFailure(
  task: Task,
  container: string | undefined,
  flags: AwsFlags = {},
): EcshError | undefined {
  const wanted = ownContainers(task).filter(
    ({ name }) => container === undefined || name === container,
  );
  const failures = wanted.map((one) => containerFailure(task, one, flags));
  if (failures.includes(undefined)) return undefined;
  return failures[0] ?? noContainer(task, container);
}

/** Why the container is not reachable: the error that a session would end with. */
export function containerFailure(
  task: Task,
  container: Container,
  flags: AwsFlags = {},
): EcshError | undefined {
  const cluster = nameInArn(task.clusterArn);
  const targetId = targetIdOf(task, container);
  try {
    assertReady({ task, container, cluster, targetId, notices: [] }, flags);
    return undefined;
  } catch (error) {
    if (error instanceof EcshError) return error;
    throw error;
  }
}

/** Without sidecars of AWS, unless there are no others. */
export function ownContainers({ containers }: Task): readonly Container[] {
  const own = containers.filter(({ name }) => sidecarFeature(name) === undefined);
  return own.length > 0 ? own : containers;
}

function noContainer(task: Task, name = ''): EcshError {
  const id = shortId(task);
  return task.containers.length === 0
    ? new EcshError('container-not-running', `Task ${id} has no containers yet.`, {
        retryable: true,
      })
    : new EcshError('container-not-found', `Task ${id} has no container "${name}".`);
}
