import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi, TaskQuery } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { isFullTaskId, isTaskIdPrefix } from '#domain/resolve/target.ts';
import { type Listing, taskIn } from './listing.ts';
import type { TaskStatus } from './ls-options.ts';

/** ECS lists tasks by the status that they should have (ECS API, ListTasks). */
const DESIRED: Readonly<Record<TaskStatus, readonly ('RUNNING' | 'STOPPED')[]>> = {
  running: ['RUNNING'],
  pending: ['RUNNING'],
  stopped: ['STOPPED'],
  all: ['RUNNING', 'STOPPED'],
};

/**
 * ARNs, or the id that was named, of the tasks of a cluster that a listing is about.
 *
 * @param thenDescribe the fields to describe next; undefined if the list is enough
 * @throws EcshError `service-not-found` with near matches
 */
export async function taskArns(
  ecs: EcsApi,
  listing: Listing,
  cluster: string,
  thenDescribe?: TaskQuery['thenDescribe'],
): Promise<readonly string[]> {
  const { place, status, service, family, flags } = listing;
  const { target } = place;
  const list = async (query: Omit<TaskQuery, 'cluster'>) => {
    const desired = DESIRED[status ?? 'running'];
    const lists = desired.map((desiredStatus) =>
      ecs.listTasks({ cluster, desiredStatus, ...query }),
    );
    return (await Promise.all(lists)).flat();
  };
  const startingWith = async (prefix: string) =>
    (await list({ service: undefined, family })).filter((arn) => nameInArn(arn).startsWith(prefix));
  const task = taskIn(target);
  if (task !== undefined) return isWhole(task) ? [task] : startingWith(task);
  try {
    return await list({ service, family, thenDescribe });
  } catch (error) {
    if (!isMissingService(error) || service === undefined) throw error;
    const mayBePrefix = target?.kind === 'name' && isTaskIdPrefix(service);
    const matches = mayBePrefix ? await startingWith(service) : [];
    if (matches.length > 0) return matches;
    // Across all clusters, most lack the service: suggesting names for each would be noise.
    if (place.cluster === undefined) throw error;
    throw await serviceNotFound(ecs, service, { cluster, isClusterNamed: true, flags }, error);
  }
}

function isMissingService(error: unknown): boolean {
  return error instanceof EcshError && error.code === 'service-not-found';
}

function isWhole(task: string): boolean {
  return task.startsWith('arn:') || isFullTaskId(task);
}
