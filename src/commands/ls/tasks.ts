import type { AwsPorts } from '#commands/app.ts';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { type ExecReadiness, execReadiness } from '#domain/readiness/readiness.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { rankTasks } from '#domain/resolve/candidates.ts';
import { taskNotFound } from '#domain/resolve/resolve-errors.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import { inClusters } from './in-clusters.ts';
import { type Listing, taskIn } from './listing.ts';
import type { TaskStatus } from './ls-options.ts';
import { hasTags, type Row } from './row.ts';
import { taskArns } from './task-arns.ts';

/** A task from `DescribeTasks`, with derived values. */
export interface TaskRow extends Row {
  readonly cluster: string;
  readonly taskId: string;
  readonly service: string | undefined;
  readonly family: string;
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly group: string | undefined;
  readonly lastStatus: string;
  readonly desiredStatus: string | undefined;
  readonly stopCode: string | undefined;
  readonly stoppedReason: string | undefined;
  readonly launchType: string | undefined;
  readonly capacityProviderName: string | undefined;
  readonly platformVersion: string | undefined;
  readonly enableExecuteCommand: boolean;
  readonly createdAt: Date | undefined;
  readonly startedAt: Date | undefined;
  readonly containers: readonly ContainerState[];
}

export interface ContainerState {
  readonly name: string;
  readonly lastStatus: string;
  readonly healthStatus: string | undefined;
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
  readonly runtimeId: string | undefined;
  readonly exec: ExecReadiness;
}

export interface ContainerRow extends Row, ContainerState {
  readonly cluster: string;
  readonly taskId: string;
  readonly taskArn: string;
  readonly service: string | undefined;
  readonly family: string;
}

/**
 * Tasks by cluster and service or family; within, in the order in which ecsh takes them.
 *
 * @throws EcshError `cluster-not-found`, `service-not-found`, `task-not-found`
 */
export async function findTasks(ports: AwsPorts, listing: Listing): Promise<readonly TaskRow[]> {
  const { place, tags, showsTags, status, flags } = listing;
  const ecs = await ports.ecs();
  const found = await inClusters(ports, listing, async (cluster) => {
    const described = { tags: showsTags || tags.length > 0 };
    const arns = await taskArns(ecs, listing, cluster, described);
    if (arns.length === 0) return [];
    return ecs.describeTasks(cluster, arns, described);
  });
  const named = taskIn(place.target);
  if (found.length === 0 && named !== undefined && place.cluster !== undefined) {
    throw taskNotFound(nameInArn(named), { cluster: place.cluster, isClusterNamed: true, flags });
  }
  return rankTasks(found, listing.container)
    .tasks.map((task) => taskRow(task, flags))
    .filter((row) => hasStatus(row, status) && hasTags(row, tags))
    .toSorted((a, b) => a.cluster.localeCompare(b.cluster) || ownerOf(a).localeCompare(ownerOf(b)));
}

/** Containers of the tasks that `findTasks` finds, in their order. */
export async function findContainers(
  ports: AwsPorts,
  listing: Listing,
): Promise<readonly ContainerRow[]> {
  const { container: wanted } = listing;
  const tasks = await findTasks(ports, listing);
  return tasks.flatMap(({ cluster, taskId, taskArn, service, family, tags, containers }) =>
    containers
      .filter(({ name }) => wanted === undefined || name === wanted)
      .map((container) => {
        const target = `${cluster}/${taskId}@${container.name}`;
        return { target, cluster, taskId, taskArn, service, family, ...container, tags };
      }),
  );
}

export function taskRow(task: Task, flags: AwsFlags): TaskRow {
  const cluster = nameInArn(task.clusterArn);
  const taskId = nameInArn(task.taskArn);
  const service = serviceOf(task);
  const subject = { task, cluster, flags };
  return {
    target: `${cluster}/${taskId}`,
    cluster,
    taskId,
    service,
    family: familyOf(task.taskDefinitionArn),
    taskArn: task.taskArn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: task.taskDefinitionArn,
    group: task.group,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    launchType: task.launchType,
    capacityProviderName: task.capacityProviderName,
    platformVersion: task.platformVersion,
    enableExecuteCommand: task.enableExecuteCommand,
    createdAt: task.createdAt,
    startedAt: task.startedAt,
    tags: task.tags,
    containers: task.containers.map((container) => ({
      name: container.name,
      lastStatus: container.lastStatus,
      healthStatus: container.healthStatus,
      exitCode: container.exitCode,
      reason: container.reason,
      runtimeId: container.runtimeId,
      exec: execReadiness({ ...subject, containerName: container.name }),
    })),
  };
}

function ownerOf({ service, family }: Pick<TaskRow, 'service' | 'family'>): string {
  return service ?? family;
}

/** A starting task is pending; ECS lists it among the running ones. */
function hasStatus({ lastStatus }: TaskRow, status: TaskStatus | undefined): boolean {
  if (status === 'running') return lastStatus === 'RUNNING';
  if (status === 'pending') return lastStatus !== 'RUNNING';
  return true;
}
