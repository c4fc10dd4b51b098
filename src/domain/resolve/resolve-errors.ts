import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi, ServiceState, TaskQuery } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from './arn.ts';
import { didYouMean, listed, namesIfAllowed, sentences, suggestNames } from './suggestion.ts';
import type { Task } from './task.ts';

/** The place to search for a target, and how the user named it. */
export interface SearchScope {
  /** Name or ARN. */
  readonly cluster: string;
  readonly isClusterNamed: boolean;
  /** The name that the user gave, if it may be in the cluster. */
  readonly name?: string | undefined;
  readonly flags: AwsFlags;
  /** Also read the tags of tasks. */
  readonly tags?: boolean | undefined;
}

/** `service-not-found` with similar names, if the caller has permission to list services. */
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

/** For a name that was looked up in the default cluster, because it may be a cluster itself. */
async function otherCluster(ecs: Pick<EcsApi, 'listClusters'>, name: string): Promise<string> {
  const clusters = await namesIfAllowed(() => ecs.listClusters());
  return clusters.includes(name)
    ? `"${name}" is a cluster: name a service or task in it, as ${name}/NAME.`
    : `For another cluster, type CLUSTER/${name}.`;
}

export function taskNotFound(id: string, scope: SearchScope): EcshError {
  const command = ecshCommand(['ls', 'tasks', scope.cluster], scope.flags);
  return new EcshError(
    'task-not-found',
    `Cluster ${nameInArn(scope.cluster)} has no task ${id}. ECS forgets a stopped task after about an hour.`,
    { hint: `Check cluster, --region and --profile, or list the tasks:  ${command}` },
  );
}

/** No task of the family runs. The family may not exist, if the caller has permission to list families. */
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
 * Retryable unless the service wants no tasks, because one that is being deployed may have none for a
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

export function allNeedsService(): EcshError {
  return new EcshError('all-needs-service', '--all runs on the tasks of a service or family.', {
    hint: 'Name one, for example:  ecsh exec --all prod/web -- uptime',
  });
}
