import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Task } from '#domain/resolve/task.ts';

/** Stopped on purpose: a service that was scaled in, a task that a user stopped. */
const ON_PURPOSE = ['ServiceSchedulerInitiated', 'UserInitiated'];

/** The scheduler also stops unhealthy tasks (ECS developer guide, "Stopped tasks error messages"). */
const UNWELL = /failed .*health check/i;

/**
 * Finds the newest task that ended on its own, for a service without tasks: its end explains why there are
 * none. ECS remembers tasks for about an hour.
 */
export async function lastFailedTask(
  ecs: EcsApi,
  cluster: string,
  service: string,
): Promise<Task | undefined> {
  const arns = await ecs.listTasks({ cluster, service, desiredStatus: 'STOPPED' });
  const tasks = await ecs.describeTasks(cluster, arns, { tags: true });
  const failed = tasks.filter(
    ({ stopCode = '', stoppedReason = '' }) =>
      !ON_PURPOSE.includes(stopCode) || UNWELL.test(stoppedReason),
  );
  return failed.reduce<Task | undefined>(
    (newest, task) => (bornAt(task) > bornAt(newest) ? task : newest),
    failed[0],
  );
}

function bornAt(task: Task | undefined): number {
  return task?.createdAt?.getTime() ?? 0;
}
