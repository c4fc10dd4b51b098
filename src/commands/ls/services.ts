import type { AwsPorts } from '#commands/app.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceSummary } from '#domain/ports/inventory-ports.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import { ageText } from '#ui/age.ts';
import { serviceExecText } from '../service-exec.ts';
import { inClusters } from './in-clusters.ts';
import type { Listing } from './listing.ts';
import {
  byTarget,
  type ColumnContext,
  execStyle,
  hasTags,
  type Row,
  type RowColumn,
  statusStyle,
  tagsCell,
} from './row.ts';
import { execCell } from './task-columns.ts';
import { taskRow } from './tasks.ts';

export interface ServiceRow extends Row, ServiceSummary {
  readonly cluster: string;
  /** RUNNING tasks that are ready for a session; undefined if the caller lacks permission to read them. */
  readonly readyCount: number | undefined;
  /** Why the first of the others is not ready: the code of the error. */
  readonly notReadyCode: string | undefined;
}

/** More tasks than this in a cluster are not described: a list must stay quick. */
const MAX_DESCRIBED = 1_000;

/** Services by cluster and name. */
export async function findServices(
  ports: AwsPorts,
  listing: Listing,
): Promise<readonly ServiceRow[]> {
  const { family, tags } = listing;
  const found = await inClusters(ports, listing, (cluster) => servicesIn(ports, listing, cluster));
  return found
    .map((service) => {
      const cluster = nameInArn(service.clusterArn);
      return { target: `${cluster}/${service.serviceName}`, cluster, ...service };
    })
    .filter((row) => family === undefined || familyOf(row.taskDefinition) === family)
    .filter((row) => hasTags(row, tags))
    .toSorted(byTarget);
}

/** The service that was named costs one call; to list them, one per ten services more. */
async function servicesIn(
  ports: AwsPorts,
  listing: Listing,
  cluster: string,
): Promise<readonly (ServiceSummary & Readiness)[]> {
  const { place, service: name, tags, showsTags, flags } = listing;
  const [ecs, inventory] = await Promise.all([ports.ecs(), ports.inventory()]);
  const names = name === undefined ? await ecs.listServices(cluster) : [name];
  const options = { tags: showsTags || tags.length > 0 };
  const found = await inventory.describeServices(cluster, names, options);
  if (name === undefined || found.length > 0 || place.cluster === undefined) {
    return withReadiness(ecs, cluster, name, found, listing);
  }
  throw await serviceNotFound(ecs, name, { cluster, isClusterNamed: true, flags }, undefined);
}

type Readiness = Pick<ServiceRow, 'readyCount' | 'notReadyCode'>;

/** Counts the tasks that a session can be opened in, as far as the caller may look. */
async function withReadiness(
  ecs: EcsApi,
  cluster: string,
  service: string | undefined,
  services: readonly ServiceSummary[],
  { flags }: Listing,
): Promise<readonly (ServiceSummary & Readiness)[]> {
  const unknown = { readyCount: undefined, notReadyCode: undefined };
  const wanted = services.filter((each) => each.enableExecuteCommand && each.runningCount > 0);
  const running = services.reduce((sum, { runningCount }) => sum + runningCount, 0);
  const tasks =
    wanted.length === 0 || running > MAX_DESCRIBED
      ? undefined
      : await tasksIfAllowed(ecs, cluster, service);
  return services.map((each) => {
    if (!wanted.includes(each) || tasks === undefined) return { ...each, ...unknown };
    const own = tasks.filter(
      (task) => serviceOf(task) === each.serviceName && task.lastStatus === 'RUNNING',
    );
    const cells = own.map((task) => execCell(taskRow(task, flags)));
    const isReady = (cell: string) => cell.endsWith('ready');
    return {
      ...each,
      readyCount: cells.filter(isReady).length,
      notReadyCode: cells.find((cell) => !isReady(cell)),
    };
  });
}

async function tasksIfAllowed(
  ecs: EcsApi,
  cluster: string,
  service: string | undefined,
): Promise<readonly Task[] | undefined> {
  try {
    const arns = await ecs.listTasks({ cluster, ...(service === undefined ? {} : { service }) });
    return arns.length === 0 ? [] : await ecs.describeTasks(cluster, arns);
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}

function serviceExecCell({ readyCount, notReadyCode, ...service }: ServiceRow): string {
  return serviceExecText(
    service,
    readyCount === undefined ? undefined : { readyCount, notReadyCode },
  );
}

export function serviceColumns({ showsCluster }: ColumnContext): readonly RowColumn<ServiceRow>[] {
  const right = { align: 'right' } as const;
  const cluster = { title: 'CLUSTER', priority: 3, minimum: 8 };
  return [
    ...(showsCluster ? [{ ...cluster, cell: (row: ServiceRow) => row.cluster }] : []),
    { title: 'SERVICE', priority: 0, minimum: 20, cell: (row) => row.serviceName },
    {
      title: 'STATUS',
      priority: 9,
      cell: (row) => row.status,
      style: (row) => statusStyle(row.status),
    },
    {
      title: 'RUNNING',
      priority: 2,
      ...right,
      cell: (row) => `${row.runningCount}/${row.desiredCount}`,
    },
    { title: 'PENDING', priority: 6, ...right, cell: (row) => `${row.pendingCount}` },
    {
      title: 'EXEC',
      priority: 1,
      cell: serviceExecCell,
      style: (row) => execStyle(serviceExecCell(row)),
    },
    { title: 'DEPLOYMENT', priority: 4, cell: rolloutCell },
    {
      title: 'TASK DEFINITION',
      priority: 8,
      minimum: 12,
      cell: (row) => nameInArn(row.taskDefinition),
    },
    {
      title: 'LAUNCH',
      priority: 10,
      cell: (row) => row.launchType ?? row.capacityProviders.join(','),
    },
    { title: 'AGE', priority: 5, ...right, cell: (row, now) => ageText(row.createdAt, now) },
    { title: 'TAGS', priority: 11, isWide: true, cell: tagsCell },
  ];
}

/** Only the deployments of ECS itself say how far they are. */
function rolloutCell({ deployments }: ServiceRow): string {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  return primary?.rolloutState ?? primary?.status ?? '';
}
