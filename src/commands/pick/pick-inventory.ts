import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type {
  ClusterSummary,
  InventoryApi,
  ServiceSummary,
} from '#domain/ports/inventory-ports.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { clusterNotFound, noRunningTask, serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { ClusterEntry, Owner, OwnerEntry } from './choices.ts';

export interface PickPorts {
  readonly ecs: EcsApi;
  readonly inventory: InventoryApi;
  readonly flags: AwsFlags;
}

/**
 * Every cluster by name, with what runs in it as far as the caller may know.
 *
 * @throws EcshError `cluster-not-found`, or what ListClusters failed with
 */
export async function loadClusters({
  ecs,
  inventory,
  flags,
}: PickPorts): Promise<readonly ClusterEntry[]> {
  const arns = await ecs.listClusters().catch((error: unknown) => {
    throw isDenied(error) ? namingInstead(error) : error;
  });
  if (arns.length === 0) throw noCluster(flags);
  const summaries = await ifAllowed(() => inventory.describeClusters(arns));
  return arns
    .map((arn) => ({
      name: nameInArn(arn),
      summary: summaries?.find(({ clusterArn }) => clusterArn === arn),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/**
 * Services by name, then the families of tasks that belong to none, then all tasks together.
 *
 * @throws EcshError `cluster-not-found`, `no-running-task`
 */
export async function loadOwners(
  { ecs, inventory, flags }: PickPorts,
  { name: cluster, summary: known }: ClusterEntry,
): Promise<readonly OwnerEntry[]> {
  const [services, summary] = await Promise.all([
    loadServices({ ecs, inventory, flags }, cluster),
    known ?? ifAllowed(async () => (await inventory.describeClusters([cluster]))[0]),
  ]);
  const hasOthers = services === undefined || runsMore(summary, services);
  const tasks = hasOthers ? await allTasks(ecs, cluster) : [];
  const owners = [...(services ?? servicesOf(tasks)), ...familiesOf(tasks)];
  if (owners.length === 0) throw nothingRuns(cluster, flags);
  return owners.length === 1 ? owners : [...owners, { owner: { kind: 'all' } }];
}

/**
 * The tasks of an owner whose desired status is RUNNING.
 *
 * @throws EcshError `no-running-task`, `service-not-found`, `cluster-not-found`
 */
export async function loadTasks(
  { ecs, flags }: PickPorts,
  cluster: string,
  owner: Owner,
): Promise<readonly Task[]> {
  const scope = { cluster, isClusterNamed: true, flags };
  const query = owner.kind === 'all' ? { cluster } : { cluster, [owner.kind]: owner.name };
  try {
    const found = await ecs.describeTasks(
      cluster,
      await ecs.listTasks({ ...query, thenDescribe: { tags: false } }),
    );
    const tasks =
      owner.kind === 'family' ? found.filter((task) => serviceOf(task) === undefined) : found;
    if (tasks.length > 0) return tasks;
  } catch (error) {
    if (hasCode(error, 'cluster-not-found')) throw await clusterNotFound(ecs, scope, error);
    if (owner.kind !== 'service' || !hasCode(error, 'service-not-found')) throw error;
    throw await serviceNotFound(ecs, owner.name, scope, error);
  }
  throw owner.kind === 'all' ? nothingRuns(cluster, flags) : noRunningTask(query, scope);
}

/** Undefined where the caller may not list them. */
async function loadServices(
  { ecs, inventory, flags }: PickPorts,
  cluster: string,
): Promise<readonly OwnerEntry[] | undefined> {
  try {
    const arns = await ifAllowed(() => ecs.listServices(cluster));
    if (arns === undefined) return undefined;
    const described = await ifAllowed(() => inventory.describeServices(cluster, arns));
    return arns
      .map(nameInArn)
      .toSorted()
      .map((name) => ({
        owner: { kind: 'service', name },
        service: described?.find(({ serviceName }) => serviceName === name),
      }));
  } catch (error) {
    if (!hasCode(error, 'cluster-not-found')) throw error;
    throw await clusterNotFound(ecs, { cluster, isClusterNamed: true, flags }, error);
  }
}

/** Whether there are tasks of no service: it is not worth describing them all to find none. */
function runsMore(cluster: ClusterSummary | undefined, owners: readonly OwnerEntry[]): boolean {
  const services = owners.map(({ service }) => service);
  if (cluster === undefined || services.includes(undefined)) return true;
  const count = (one: Pick<ServiceSummary, 'runningCount' | 'pendingCount'> | undefined) =>
    (one?.runningCount ?? 0) + (one?.pendingCount ?? 0);
  const ofServices = services.reduce((sum, service) => sum + count(service), 0);
  return cluster.runningTasksCount + cluster.pendingTasksCount > ofServices;
}

async function allTasks(ecs: EcsApi, cluster: string): Promise<readonly Task[]> {
  return ecs.describeTasks(
    cluster,
    await ecs.listTasks({ cluster, thenDescribe: { tags: false } }),
  );
}

function servicesOf(tasks: readonly Task[]): readonly OwnerEntry[] {
  const names = new Set(tasks.flatMap((task) => serviceOf(task) ?? []));
  return [...names].toSorted().map((name) => ({ owner: { kind: 'service', name } }));
}

function familiesOf(tasks: readonly Task[]): readonly OwnerEntry[] {
  const families = tasks
    .filter((task) => serviceOf(task) === undefined)
    .map((task) => familyOf(task.taskDefinitionArn));
  return [...new Set(families)].toSorted().map((name) => ({
    owner: { kind: 'family', name },
    tasks: families.filter((family) => family === name).length,
  }));
}

function noCluster(flags: AwsFlags): EcshError {
  const command = ecshCommand(['ls', 'clusters'], flags);
  return new EcshError('cluster-not-found', 'There is no cluster in this account and region.', {
    hint: `Check --profile and --region:  ${command}`,
  });
}

function nothingRuns(cluster: string, flags: AwsFlags): EcshError {
  const command = ecshCommand(['ls', cluster], flags);
  return new EcshError('no-running-task', `Nothing is running in cluster ${cluster}.`, {
    hint: `See:  ${command}`,
    retryable: true,
  });
}

function namingInstead(error: EcshError): EcshError {
  const { code, message, hint = '', cause } = error;
  const name = 'Without the list, name the cluster:  ecsh -C CLUSTER';
  return new EcshError(code, message, { hint: `${name}\n${hint}`, cause: cause ?? error });
}

/** A fact that only makes a list richer; undefined without permission. */
async function ifAllowed<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

function isDenied(error: unknown): error is EcshError {
  return hasCode(error, 'access-denied');
}

function hasCode(error: unknown, code: ErrorCode): error is EcshError {
  return error instanceof EcshError && error.code === code;
}
