import type { AwsPorts } from '#commands/app.ts';
import type { ClusterSummary } from '#domain/ports/inventory-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import type { Listing } from './listing.ts';
import { byTarget, hasTags, type Row, type RowColumn, statusStyle, tagsCell } from './row.ts';

export interface ClusterRow extends Row, ClusterSummary {}

/** Clusters by name. @throws EcshError `cluster-not-found` for the one that was named */
export async function findClusters(
  ports: AwsPorts,
  { place, tags, showsTags, flags }: Listing,
): Promise<readonly ClusterRow[]> {
  const ecs = await ports.ecs();
  const wanted = place.cluster === undefined ? await ecs.listClusters() : [place.cluster];
  const inventory = await ports.inventory();
  const found = await inventory.describeClusters(wanted, { tags: showsTags || tags.length > 0 });
  if (place.cluster !== undefined && found.length === 0) {
    const scope = { cluster: place.cluster, isClusterNamed: true, flags };
    throw await clusterNotFound(ecs, scope, undefined);
  }
  return found
    .map((cluster) => ({ target: nameInArn(cluster.clusterArn), ...cluster }))
    .filter((row) => hasTags(row, tags))
    .toSorted(byTarget);
}

export function clusterColumns(): readonly RowColumn<ClusterRow>[] {
  const right = { align: 'right' } as const;
  return [
    { title: 'CLUSTER', priority: 0, minimum: 12, cell: (row) => row.clusterName },
    {
      title: 'STATUS',
      priority: 1,
      cell: (row) => row.status,
      style: (row) => statusStyle(row.status),
    },
    { title: 'SERVICES', priority: 2, ...right, cell: (row) => `${row.activeServicesCount}` },
    { title: 'RUNNING', priority: 3, ...right, cell: (row) => `${row.runningTasksCount}` },
    { title: 'PENDING', priority: 4, ...right, cell: (row) => `${row.pendingTasksCount}` },
    {
      title: 'INSTANCES',
      priority: 5,
      ...right,
      cell: (row) => `${row.registeredContainerInstancesCount}`,
    },
    {
      title: 'CAPACITY PROVIDERS',
      priority: 6,
      isWide: true,
      cell: (row) => row.capacityProviders.join(','),
    },
    { title: 'TAGS', priority: 7, isWide: true, cell: tagsCell },
  ];
}
