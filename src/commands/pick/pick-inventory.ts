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
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { noRunningTask, serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { ClusterEntry, Owner, OwnerEntry } from './choices.ts';
import { taskFailure } from './task-failure.ts';

/** DescribeServices accepts ten (ECS API): a longer list is shown before it is described. */
const SERVICES_IN_ONE_CALL = 10;

/** DescribeTasks accepts a hundred (ECS API). */
const TASKS_IN_ONE_CALL = 100;

export interface TaskPlace {
  readonly cluster: string;
  readonly owner: Owner;
}

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
 * Services by name, then the families of tasks that belong to none, then all tasks together. The names
 * of the services are shown before anything else is known about them.
 *
 * @throws EcshError `cluster-not-found`, `no-running-task`
 */
export async function loadOwners(
  { ecs, inventory, flags }: PickPorts,
  { name: cluster, summary: known }: ClusterEntry,
  show: (soFar: readonly OwnerEntry[]) => void,
): Promise<readonly OwnerEntry[]> {
  const summary = known ?? ifAllowed(async () => (await inventory.describeClusters([cluster]))[0]);
  const [services, few] = await Promise.all([
    loadServices({ ecs, inventory, flags }, cluster, show),
    fewTasks(ecs, cluster, summary),
  ]);
  const hasOthers = services === undefined || runsMore(await summary, services);
  const tasks = few ?? (hasOthers ? await allTasks(ecs, cluster) : undefined);
  const owners = [
    ...(services?.map((entry) => withExec(entry, tasks, flags)) ?? servicesOf(tasks ?? [])),
    ...familiesOf(tasks ?? []),
  ];
  if (owners.length === 0) throw nothingRuns(cluster, flags);
  return owners.length === 1 ? owners : [...owners, { owner: { kind: 'all' } }];
}

/**
 * The tasks of an owner whose desired status is RUNNING. The first page is shown at once; then the list
 * is shown each time it has doubled, so that its rows are made few times.
 *
 * @throws EcshError `no-running-task`, `service-not-found`, `cluster-not-found`
 */
export async function loadTasks(
  { ecs, flags }: PickPorts,
  { cluster, owner }: TaskPlace,
  show: (soFar: readonly Task[]) => void,
  abort: AbortSignal,
): Promise<readonly Task[]> {
  const isOffered = (task: Task) => owner.kind !== 'family' || serviceOf(task) === undefined;
  const onPage = eachTimeItDoubles<Task>((tasks) => {
    const offered = tasks.filter(isOffered);
    if (offered.length > 0) show(offered);
  });
  const scope = { cluster, isClusterNamed: true, flags };
  const query = owner.kind === 'all' ? { cluster } : { cluster, [owner.kind]: owner.name };
  try {
    const thenDescribe = { tags: false, onPage, abort };
    const arns = await ecs.listTasks({ ...query, thenDescribe });
    const tasks = (await ecs.describeTasks(cluster, arns)).filter(isOffered);
    if (tasks.length > 0) return tasks;
  } catch (error) {
    if (hasCode(error, 'cluster-not-found')) throw await clusterNotFound(ecs, scope, error);
    if (owner.kind !== 'service' || !hasCode(error, 'service-not-found')) throw error;
    throw await serviceNotFound(ecs, owner.name, scope, error);
  }
  throw owner.kind === 'all' ? nothingRuns(cluster, flags) : noRunningTask(query, scope);
}

/** Collects pages, and passes all of them on after the 1st, the 2nd, the 4th, the 8th … page. */
function eachTimeItDoubles<T>(show: (soFar: readonly T[]) => void) {
  const soFar: T[] = [];
  let pages = 0;
  return (page: readonly T[]) => {
    soFar.push(...page);
    pages += 1;
    if (Number.isInteger(Math.log2(pages))) show([...soFar]);
  };
}

/** Undefined if the caller lacks permission to list them. */
async function loadServices(
  { ecs, inventory, flags }: PickPorts,
  cluster: string,
  show: (soFar: readonly OwnerEntry[]) => void,
): Promise<readonly OwnerEntry[] | undefined> {
  try {
    const arns = await ifAllowed(() => ecs.listServices(cluster));
    if (arns === undefined) return undefined;
    if (arns.length > SERVICES_IN_ONE_CALL) {
      const names = arns.map(nameInArn).toSorted();
      show(names.map((name) => ({ owner: { kind: 'service', name } })));
    }
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

/** Whether there may be tasks of no service: describing all tasks to find none costs too much. */
function runsMore(cluster: ClusterSummary | undefined, owners: readonly OwnerEntry[]): boolean {
  const services = owners.map(({ service }) => service);
  if (cluster === undefined || services.includes(undefined)) return true;
  const count = (one: Pick<ServiceSummary, 'runningCount' | 'pendingCount'> | undefined) =>
    (one?.runningCount ?? 0) + (one?.pendingCount ?? 0);
  const ofServices = services.reduce((sum, service) => sum + count(service), 0);
  return cluster.runningTasksCount + cluster.pendingTasksCount > ofServices;
}

/** All tasks of a small cluster: so many that one call describes them, while the services are described. */
async function fewTasks(
  ecs: EcsApi,
  cluster: string,
  summary: ClusterSummary | undefined | Promise<ClusterSummary | undefined>,
): Promise<readonly Task[] | undefined> {
  const running = (await summary)?.runningTasksCount;
  if (running === undefined || running > TASKS_IN_ONE_CALL) return undefined;
  return allTasks(ecs, cluster).catch(() => undefined);
}

function withExec(
  entry: OwnerEntry,
  tasks: readonly Task[] | undefined,
  flags: AwsFlags,
): OwnerEntry {
  const { owner } = entry;
  if (owner.kind !== 'service' || tasks === undefined) return entry;
  const failures = tasks
    .filter((task) => serviceOf(task) === owner.name && task.lastStatus === 'RUNNING')
    .map((task) => taskFailure(task, undefined, flags));
  const first = failures.find((failure) => failure !== undefined);
  const readyCount = failures.filter((failure) => failure === undefined).length;
  return {
    ...entry,
    exec: { readyCount, notReadyCode: first?.code, isPassing: first?.retryable },
  };
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

/** A fact that the list can do without; undefined without permission. */
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
