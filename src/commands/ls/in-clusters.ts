import type { AwsPorts } from '#commands/app.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { inParallel } from '#session/in-parallel.ts';
import type { Listing } from './listing.ts';

/** Clusters looked at at a time. */
const LIMIT = 4;

/** Errors that one of many clusters may have without failing the list. */
const ABSENT: readonly string[] = ['cluster-not-found', 'service-not-found'];

/**
 * Results of `find` in the cluster that was named, else in every cluster.
 *
 * @throws EcshError `cluster-not-found` with near matches
 */
export async function inClusters<T>(
  ports: AwsPorts,
  { place, flags }: Listing,
  find: (cluster: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const ecs = await ports.ecs();
  const { cluster } = place;
  if (cluster !== undefined) {
    try {
      return await find(cluster);
    } catch (error) {
      if (!(error instanceof EcshError) || error.code !== 'cluster-not-found') throw error;
      throw await clusterNotFound(ecs, { cluster, isClusterNamed: true, flags }, error);
    }
  }
  const found: T[] = [];
  await inParallel(await ecs.listClusters(), LIMIT, async (each) => {
    try {
      found.push(...(await find(each)));
    } catch (error) {
      if (!(error instanceof EcshError && ABSENT.includes(error.code))) throw error;
    }
  });
  return found;
}
