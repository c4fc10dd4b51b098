import type { AwsPorts } from '#commands/app.ts';
import type { ServiceSummary } from '#domain/ports/inventory-ports.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { inClusters } from './in-clusters.ts';
import type { Listing } from './listing.ts';
import {
  ageCell,
  byTarget,
  type ColumnContext,
  hasTags,
  type Row,
  type RowColumn,
  tagsCell,
} from './row.ts';

export interface ServiceRow extends Row, ServiceSummary {
  readonly cluster: string;
}

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
): Promise<readonly ServiceSummary[]> {
  const { place, service: name, tags, showsTags, flags } = listing;
  const [ecs, inventory] = await Promise.all([ports.ecs(), ports.inventory()]);
  const names = name === undefined ? await ecs.listServices(cluster) : [name];
  const options = { tags: showsTags || tags.length > 0 };
  const found = await inventory.describeServices(cluster, names, options);
  if (name === undefined || found.length > 0 || place.cluster === undefined) return found;
  throw await serviceNotFound(ecs, name, { cluster, isClusterNamed: true, flags }, undefined);
}

export function serviceColumns({ showsCluster }: ColumnContext): readonly RowColumn<ServiceRow>[] {
  const right = { align: 'right' } as const;
  const cluster = { title: 'CLUSTER', priority: 1, minimum: 8 };
  return [
    ...(showsCluster ? [{ ...cluster, cell: (row: ServiceRow) => row.cluster }] : []),
    { title: 'SERVICE', priority: 0, minimum: 20, cell: (row) => row.serviceName },
    { title: 'STATUS', priority: 6, cell: (row) => row.status },
    {
      title: 'RUNNING',
      priority: 2,
      ...right,
      cell: (row) => `${row.runningCount}/${row.desiredCount}`,
    },
    { title: 'PENDING', priority: 5, ...right, cell: (row) => `${row.pendingCount}` },
    { title: 'EXEC', priority: 3, cell: (row) => (row.enableExecuteCommand ? 'on' : 'off') },
    { title: 'DEPLOYMENT', priority: 4, cell: rolloutCell },
    {
      title: 'TASK DEFINITION',
      priority: 7,
      minimum: 12,
      cell: (row) => nameInArn(row.taskDefinition),
    },
    {
      title: 'LAUNCH',
      priority: 9,
      cell: (row) => row.launchType ?? row.capacityProviders.join(','),
    },
    { title: 'AGE', priority: 8, ...right, cell: (row, now) => ageCell(row.createdAt, now) },
    { title: 'TAGS', priority: 10, isWide: true, cell: tagsCell },
  ];
}

/** Only the deployments of ECS itself say how far they are. */
function rolloutCell({ deployments }: ServiceRow): string {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  return primary?.rolloutState ?? primary?.status ?? '';
}
