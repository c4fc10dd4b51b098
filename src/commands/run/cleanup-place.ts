import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { parsePlace } from '#domain/policy/place.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import type { Task } from '#domain/resolve/task.ts';
import { leftoverTasks } from '#run/fresh-task.ts';
import { RUN_STARTED_BY, RUN_TAGS } from '#run/run-request.ts';

/** The cluster, and the service or `family:NAME` as the tag of its tasks has it. */
export function cleanupPlace(place: string | undefined) {
  if (place === undefined) return { cluster: undefined, source: undefined };
  const { cluster, target } = parsePlace(place);
  switch (target?.kind) {
    case undefined:
      return { cluster, source: undefined };
    case 'service':
      return { cluster, source: target.service };
    case 'family':
      return { cluster, source: `family:${target.family}` };
    case 'name':
      return { cluster, source: target.name };
    case 'task':
      throw new EcshError('usage', '--cleanup takes a cluster or a service, not a task.', {
        hint: 'Stop one task:  ecsh stop TASK',
      });
  }
}

export interface LeftPlace {
  readonly cluster: string;
  /** False: it is the default one. */
  readonly isClusterNamed: boolean;
  /** Only tasks of this service or `family:NAME`. */
  readonly source: string | undefined;
  readonly flags: AwsFlags;
}

/** Tasks of `ecsh run` that still run. @throws EcshError `cluster-not-found`, with the clusters that there are */
export async function leftIn(
  ecs: EcsApi,
  { cluster, isClusterNamed, source, flags }: LeftPlace,
): Promise<readonly Task[]> {
  try {
    const tasks = await leftoverTasks(ecs, cluster, RUN_STARTED_BY);
    const isWanted = ({ tags }: Task) =>
      tags.some(({ key, value }) => key === RUN_TAGS.source && value === source);
    return source === undefined ? tasks : tasks.filter(isWanted);
  } catch (error) {
    if (!(error instanceof EcshError && error.code === 'cluster-not-found')) throw error;
    throw await clusterNotFound(ecs, { cluster, isClusterNamed, flags }, error);
  }
}
