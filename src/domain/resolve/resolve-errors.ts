import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { AwsPlace, EcsApi, ServiceState, TaskQuery } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from './arn.ts';
import { suggestNames } from './suggestion.ts';
import type { Task } from './task.ts';

/** Where to look for a target, and how the user named that place. */
export interface SearchScope {
  /** Name or ARN. */
  readonly cluster: string;
  readonly isClusterNamed: boolean;
  /** The name that the user gave, if it may be in the cluster. */
  readonly name?: string | undefined;
  readonly flags: AwsFlags;
  /** Read the tags of tasks too. */
  readonly tags?: boolean | undefined;
}

/** How many candidates a message lists. */
const LISTED = 10;

/** `service-not-found` with near matches, as far as the caller may list services. */
export async function serviceNotFound(
  ecs: Pick<EcsApi, 'listClusters' | 'listServices' | 'listTasks'>,
  service: string,
  scope: SearchScope,
  cause: unknown,
): Promise<EcshError> {
  const { cluster } = scope;
  const [names, ofFamily] = await Promise.all([
    namesIfAllowed(() => ecs.listServices(cluster)),
    namesIfAllowed(() => ecs.listTasks({ cluster, family: service })),
  ]);
  const family = `${nameInArn(cluster)}/family:${service}`;
  // A task without a service is not found by listing services.
  const [suggestion, kind] =
    ofFamily.length > 0
      ? [`It runs tasks of a family of that name: did you mean ${family}?`, 'tasks']
      : [didYouMean(service, names), 'services'];
  const command = ecshCommand(['ls', kind, cluster], scope.flags);
  const hints = [suggestion, `List its ${kind}:  ${command}`];
  if (!scope.isClusterNamed) hints.unshift(await otherCluster(ecs, service));
  return new EcshError(
    'service-not-found',
    `Cluster ${nameInArn(scope.cluster)} has no service "${service}".`,
    { hint: sentences(hints), cause },
  );
}

/** For a name that was looked up in the default cluster: it may be a cluster itself. */
async function otherCluster(ecs: Pick<EcsApi, 'listClusters'>, name: string): Promise<string> {
  const clusters = await namesIfAllowed(() => ecs.listClusters());
  return clusters.includes(name)
    ? `"${name}" is a cluster: name a service or task in it, as ${name}/NAME.`
    : `For another cluster, type CLUSTER/${name}.`;
}

/** `cluster-not-found` with near matches, as far as the caller may list clusters. */
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
    // ECS goes on listing a deleted cluster for a while (ECS API, Cluster status INACTIVE).
    const message = `Cluster "${cluster}" has been deleted.`;
    return new EcshError('cluster-not-found', message, { hint: list, cause });
  }
  const { name } = scope;
  if (name !== undefined && KINDS.includes(cluster)) {
    const found = await commandsWith(ecs, names, { ...scope, name });
    const form = `TARGET is CLUSTER/NAME, with no kind such as ${cluster}/.`;
    return new EcshError('cluster-not-found', `T${none.slice(1)}`, {
      hint: `${form} ${found ?? here(names)}\n${list}`,
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

/** How many clusters to search for a service that was named without its cluster. */
const SEARCHED_CLUSTERS = 10;

/** A name alone may be a cluster, or a service of one. */
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
    found ?? sentences(['Name it as CLUSTER/NAME or with --cluster.', here(clusters), list]);
  return new EcshError('cluster-not-found', `No cluster was named, and ${none}`, { hint, cause });
}

/** Kinds that kubectl users write before a name. */
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

/** `in us-east-1 (profile prod)`, as far as it is known. */
export function placeText({ region, profile }: AwsPlace): string {
  const where = region === undefined ? 'here' : `in ${region}`;
  return profile === undefined ? where : `${where} (profile ${profile})`;
}

/** There are no names to compare with, so the region or account is probably wrong. */
const ELSEWHERE = 'Is it in another --region, or of another --profile?';

export function taskNotFound(id: string, scope: SearchScope): EcshError {
  const command = ecshCommand(['ls', 'tasks', scope.cluster], scope.flags);
  return new EcshError(
    'task-not-found',
    `Cluster ${nameInArn(scope.cluster)} has no task ${id}. ECS forgets a stopped task after about an hour.`,
    { hint: `Check cluster, --region and --profile, or list the tasks:  ${command}` },
  );
}

/** Nothing of the family runs; it may not exist at all, as far as the caller may list families. */
export async function noTaskOfFamily(
  ecs: Pick<EcsApi, 'listFamilies'>,
  query: TaskQuery & { readonly family: string },
  scope: SearchScope,
): Promise<EcshError> {
  const { family } = query;
  // A wrong first letter is rare, and an account may have thousands of families.
  const names = await namesIfAllowed(() => ecs.listFamilies(family.slice(0, 1)));
  const near = suggestNames(family, names);
  if (names.includes(family) || near.length === 0) return noRunningTask(query, scope);
  return new EcshError('family-not-found', `There is no task definition family "${family}".`, {
    hint: `Did you mean ${near.join(' or ')}?`,
  });
}

/** No running task has an id with this prefix. */
export function noSuchPrefix(prefix: string, scope: SearchScope): EcshError {
  const command = ecshCommand(['ls', 'tasks', scope.cluster], scope.flags);
  return new EcshError(
    'task-not-found',
    `Cluster ${nameInArn(scope.cluster)} runs no task whose id begins with ${prefix}.`,
    { hint: `For a stopped task, give the whole id. List the running ones:  ${command}` },
  );
}

/**
 * Retryable unless the service wants no tasks: one that is being deployed may have none for a
 * moment.
 */
export function noRunningTask(
  query: TaskQuery,
  scope: SearchScope,
  state?: ServiceState,
): EcshError {
  const cluster = nameInArn(query.cluster);
  if (query.service === undefined) {
    const family = query.family ?? '';
    const words = ['ls', 'tasks', query.cluster, '--family', family, '--status', 'stopped'];
    const command = ecshCommand([...words, '--wide'], scope.flags);
    return new EcshError(
      'no-running-task',
      `No task of family ${family} is running in cluster ${cluster}.`,
      { hint: `Look at the stopped ones:  ${command}`, retryable: true },
    );
  }
  const words = ['ls', 'tasks', query.cluster, '--service', query.service, '--status', 'stopped'];
  const command = ecshCommand([...words, '--wide'], scope.flags);
  return new EcshError(
    'no-running-task',
    `Service ${query.service} in cluster ${cluster} has no running task${sayState(state)}`,
    {
      hint: `See why the last ones stopped:  ${command}`,
      retryable: state?.desiredCount !== 0,
    },
  );
}

function sayState(state: ServiceState | undefined): string {
  if (state === undefined) return '.';
  const { desiredCount, pendingCount, lastEvent } = state;
  const pending = pendingCount > 0 ? `, ${pendingCount} pending` : '';
  const event = lastEvent === undefined ? '' : ` ECS says: ${lastEvent.replace(/\.?$/, '.')}`;
  return ` (${desiredCount} desired${pending}).${event}`;
}

export function ambiguousPrefix(prefix: string, ids: readonly string[]): EcshError {
  return new EcshError('target-ambiguous', `Several tasks start with "${prefix}".`, {
    hint: `Give more of the id: ${listed(ids)}`,
  });
}

/** `--strict` refuses to choose. */
export function severalTasks(owner: string, tasks: readonly Task[]): EcshError {
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const ids = running.map(({ taskArn }) => nameInArn(taskArn));
  return new EcshError('target-ambiguous', `${ids.length} tasks of ${owner} are running.`, {
    hint: `Name one of them, or leave out --strict: ${listed(ids)}`,
  });
}

/**
 * Names for a suggestion. The caller may lack the right to list; that second failure must not hide
 * the first one, so it counts as no suggestion.
 */
async function namesIfAllowed(list: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return (await list()).map(nameInArn);
  } catch (error) {
    if (error instanceof EcshError) return [];
    throw error;
  }
}

function didYouMean(typed: string, names: readonly string[]): string {
  const near = suggestNames(typed, names);
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : here(names);
}

function here(names: readonly string[]): string {
  return names.length > 0 ? `There are: ${listed(names)}.` : '';
}

function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return names.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function sentences(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

export function allNeedsService(): EcshError {
  return new EcshError('all-needs-service', '--all runs on the tasks of a service or family.', {
    hint: 'Name one, for example:  ecsh exec --all prod/web -- uptime',
  });
}
