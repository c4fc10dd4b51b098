import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { AwsPlace, EcsApi } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from './arn.ts';
import type { SearchScope } from './resolve-errors.ts';
import { didYouMean, namesIfAllowed, sayNames, sentences } from './suggestion.ts';

/** `cluster-not-found` with similar names, if the caller has permission to list clusters. */
export async function clusterNotFound(
  ecs: Pick<EcsApi, 'listClusters' | 'listServices' | 'place'>,
  scope: SearchScope,
  cause: unknown,
): Promise<EcshError> {
  const [names, place] = await Promise.all([namesIfAllowed(() => ecs.listClusters()), ecs.place()]);
  const cluster = nameInArn(scope.cluster);
  const none = `there is no cluster "${cluster}" ${placeText(place)}.`;
  const list = `List the clusters of this account and region:  ${ecshCommand(['ls', 'clusters'], scope.flags)}`;
  if (!scope.isClusterNamed) return noClusterNamed(ecs, names, scope, { cause, none, list });
  if (names.includes(cluster)) {
    // ECS still lists a deleted cluster for a while (ECS API, Cluster status INACTIVE).
    const message = `Cluster "${cluster}" has been deleted.`;
    return new EcshError('cluster-not-found', message, { hint: list, cause });
  }
  const { name } = scope;
  if (name !== undefined && KINDS.includes(cluster)) {
    const found = await commandsWith(ecs, names, { ...scope, name });
    const form = `TARGET is CLUSTER/NAME, with no kind such as ${cluster}/.`;
    return new EcshError('cluster-not-found', `T${none.slice(1)}`, {
      hint: `${form} ${found ?? sayNames(names)}\n${list}`,
      cause,
    });
  }
  const suggestion =
    name !== undefined && names.includes(name)
      ? `"${name}" is a cluster: did you mean ${name}/${cluster}?`
      : didYouMean(cluster, names);
  return new EcshError('cluster-not-found', `T${none.slice(1)}`, {
    hint: sentences([suggestion === '' ? ELSEWHERE : suggestion, list]),
    cause,
  });
}

/** The number of clusters to search for a service that was named without its cluster. */
const SEARCHED_CLUSTERS = 10;

/** A name alone may be a cluster, or a service in one. */
async function noClusterNamed(
  ecs: Pick<EcsApi, 'listServices'>,
  clusters: readonly string[],
  { name = '', flags }: SearchScope,
  { cause, none, list }: { readonly cause: unknown; readonly none: string; readonly list: string },
): Promise<EcshError> {
  if (clusters.includes(name)) {
    const choose = `Choose a service in it:  ${ecshCommand([`${name}/`], flags)}`;
    const inIt = `List what is in it:  ${ecshCommand(['ls', name], flags)}`;
    return new EcshError('cluster-not-found', `${name} is a cluster; TARGET is something in one.`, {
      hint: `${choose}\n${inIt}`,
      cause,
    });
  }
  const found = await commandsWith(ecs, clusters, { name, flags });
  const hint =
    found ?? sentences(['Name it as CLUSTER/NAME or with --cluster.', sayNames(clusters), list]);
  return new EcshError('cluster-not-found', `No cluster was named, and ${none}`, { hint, cause });
}

/** Kinds that kubectl users type before a name. */
const KINDS: readonly string[] = [
  ...['svc', 'service', 'services', 'po', 'pod', 'pods', 'task', 'tasks'],
  ...['deploy', 'deployment', 'deployments', 'family', 'container', 'sts', 'statefulset', 'job'],
];

/** Suggests the services of that name in all clusters. Undefined if there are none. */
async function commandsWith(
  ecs: Pick<EcsApi, 'listServices'>,
  clusters: readonly string[],
  { name, flags }: { readonly name: string; readonly flags: AwsFlags },
): Promise<string | undefined> {
  const searched = name === '' ? [] : clusters.slice(0, SEARCHED_CLUSTERS);
  const services = await Promise.all(
    searched.map((cluster) => namesIfAllowed(() => ecs.listServices(cluster))),
  );
  const found = searched
    .filter((_, index) => services[index]?.includes(name))
    .map((cluster) => ecshCommand([`${cluster}/${name}`], flags));
  if (found.length === 0) return undefined;
  return `Did you mean ${found.length > 1 ? 'one of these' : 'this'}?  ${found.join('  or  ')}`;
}

/** `in us-east-1 (profile prod)`, as far as known. */
export function placeText({ region, profile }: AwsPlace): string {
  const where = region === undefined ? 'here' : `in ${region}`;
  return profile === undefined ? where : `${where} (profile ${profile})`;
}

/** There are no names to compare with, so the region or account is probably wrong. */
const ELSEWHERE = 'Is it in another --region, or of another --profile?';
