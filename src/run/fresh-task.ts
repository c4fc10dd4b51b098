import { EcshError } from '#domain/errors/errors.ts';
import type { EcsAdminApi, RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { runTaskFailed } from '#rollout/task-clone.ts';

/** StopTask is retried this long before ecsh gives up and says so (ms). */
const STOP_LIMIT_MS = 15_000;

/** A task of ours, from RunTask to StopTask. */
export interface FreshTask {
  readonly task: Task;
  readonly cluster: string;
  readonly id: string;
}

/**
 * Starts one task.
 *
 * @throws EcshError `task-not-placed` if ECS has no room for it, and what RunTask failed with
 */
export async function startFreshTask(
  admin: Pick<EcsAdminApi, 'runTask'>,
  request: RunTaskRequest,
): Promise<FreshTask> {
  const { tasks, failures } = await admin.runTask(request);
  const [task] = tasks;
  if (task === undefined) throw runTaskFailed(failures);
  return { task, cluster: request.cluster, id: nameInArn(task.taskArn) };
}

/**
 * Stops the task.
 *
 * @returns why it could not be stopped; undefined if ECS has accepted the stop
 */
export async function stopFreshTask(
  admin: Pick<EcsAdminApi, 'stopTask'>,
  { cluster, id }: Pick<FreshTask, 'cluster' | 'id'>,
  clock: Clock,
): Promise<EcshError | undefined> {
  const { promise: late, cancel } = timeLimit(clock);
  try {
    await Promise.race([admin.stopTask(cluster, id, 'ecsh run has ended'), late]);
    return undefined;
  } catch (error) {
    if (error instanceof EcshError) return error;
    throw error;
  } finally {
    cancel();
  }
}

function timeLimit(clock: Clock) {
  let cancel: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    cancel = clock.after(STOP_LIMIT_MS, () =>
      reject(new EcshError('service-unavailable', 'ECS did not answer StopTask.')),
    );
  });
  return { promise, cancel };
}

/** Tasks of `ecsh run` that have not ended: their ecsh was killed together with its watcher. */
export async function leftoverTasks(
  ecs: Pick<EcsApi, 'listTasks' | 'describeTasks'>,
  cluster: string,
  startedBy: string,
): Promise<readonly Task[]> {
  const arns = await ecs.listTasks({ cluster, startedBy });
  return arns.length === 0 ? [] : ecs.describeTasks(cluster, arns);
}
