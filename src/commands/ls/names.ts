import type { AwsPorts } from '#commands/app.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { inClusters } from './in-clusters.ts';
import { type Listing, taskIn } from './listing.ts';
import { taskArns } from './task-arns.ts';

/**
 * The TARGET of each thing, from the lists alone: half of the calls, or less. Undefined
 * if a filter needs descriptions.
 */
export async function listNames(
  ports: AwsPorts,
  listing: Listing,
): Promise<readonly string[] | undefined> {
  const ecs = await ports.ecs();
  const { kind, place, service, family, status, tags } = listing;
  if (tags.length > 0 || taskIn(place.target) !== undefined) return undefined;
  const inCluster = (cluster: string) => (arn: string) => `${nameInArn(cluster)}/${nameInArn(arn)}`;
  if (kind === 'clusters' && place.cluster === undefined) {
    return (await ecs.listClusters()).map(nameInArn).toSorted();
  }
  if (kind === 'services' && service === undefined && family === undefined) {
    const names = await inClusters(ports, listing, async (cluster) =>
      (await ecs.listServices(cluster)).map(inCluster(cluster)),
    );
    return names.toSorted();
  }
  if (kind === 'tasks' && status !== 'running' && status !== 'pending') {
    const names = await inClusters(ports, listing, async (cluster) =>
      (await taskArns(ecs, listing, cluster)).map(inCluster(cluster)),
    );
    return names.toSorted();
  }
  return undefined;
}
