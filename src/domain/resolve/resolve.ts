import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from './arn.ts';
import { clusterNotFound } from './cluster-errors.ts';
import {
  allNeedsService,
  ambiguousPrefix,
  noSuchPrefix,
  type SearchScope,
  serviceNotFound,
  taskNotFound,
} from './resolve-errors.ts';
import { type DecideContainer, selectContainer } from './selection.ts';
import { isFullTaskId, isTaskIdPrefix, type ParsedTarget, parseTarget } from './target.ts';
import type { Container, Task } from './task.ts';
import {
  type Found,
  newestTask,
  noTask,
  rankedTasks,
  type TaskChoice,
  type TaskOwner,
} from './task-choice.ts';

/** The default cluster of ECS. */
const DEFAULT_CLUSTER = 'default';

export interface ResolveRequest {
  readonly target: string;
  /** `--cluster`: a name or an ARN. A cluster within the target wins. */
  readonly cluster?: string | undefined;
  /** `--container`. */
  readonly container?: string | undefined;
  /** Refuse to choose between several tasks. */
  readonly strict?: boolean | undefined;
  /** Undefined: prompting for a container is not possible. */
  readonly decideContainer?: DecideContainer | undefined;
  /** Repeated in the commands that hints print. */
  readonly flags?: AwsFlags | undefined;
  /** Return the task with its tags. */
  readonly tags?: boolean | undefined;
}

export interface ResolvedTarget {
  readonly task: Task;
  readonly container: Container;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Notices for stderr, for example which of several tasks was chosen. */
  readonly notices: readonly string[];
  /** `ecs:CLUSTER_TASK_RUNTIMEID` (PROTOCOL 1.3); undefined while the container has no runtime id. */
  readonly targetId: string | undefined;
}

/**
 * Finds the task and the container for a target, with as few calls as possible: one DescribeTasks for
 * a task id or ARN, ListTasks and DescribeTasks for a service. Does not check whether exec works
 * there; `assertReady` does.
 *
 * @throws EcshError `target-invalid`, `target-ambiguous`, `cluster-not-found`, `service-not-found`,
 *   `task-not-found`, `no-running-task`, a `container-…` code of `selectContainer`, or the error of
 *   the API.
 */
export async function resolveContainerTarget(
  ecs: EcsApi,
  request: ResolveRequest,
): Promise<ResolvedTarget> {
  const { task, cluster, notices } = await resolveTask(ecs, request);
  const container = await selectContainer(ecs, task, {
    inTarget: parseTarget(request.target).container,
    option: request.container,
    decide: request.decideContainer,
  });
  return { task, container, cluster, notices, targetId: targetIdOf(task, container) };
}

/**
 * Finds only the task, for callers that need it regardless of its containers.
 *
 * @throws EcshError like `resolveContainerTarget`, except the `container-…` codes
 */
export async function resolveTask(ecs: EcsApi, request: ResolveRequest): Promise<FoundTask> {
  const target = parseTarget(request.target);
  const found = await findTask(ecs, target, scopeOf(target, request), request);
  return { ...found, cluster: nameInArn(found.task.clusterArn) };
}

export interface FoundTask extends Found {
  /** Name of the cluster. */
  readonly cluster: string;
}

/** The tasks of a service or family, newest first in both lists. */
export interface AllTasks {
  /** Never empty. */
  readonly running: readonly Task[];
  /** Starting or stopping: not ready for a session. */
  readonly notRunning: readonly Task[];
}

/**
 * All tasks of a service or family.
 *
 * @throws EcshError `all-needs-service` for a single task, `no-running-task` if none is RUNNING, and
 *   the errors of `resolveContainerTarget`.
 */
export async function resolveAll(ecs: EcsApi, request: ResolveRequest): Promise<AllTasks> {
  const target = parseTarget(request.target);
  const scope = scopeOf(target, request);
  if (target.kind === 'task' || (target.kind === 'name' && isFullTaskId(target.name))) {
    throw allNeedsService();
  }
  const owner: TaskOwner =
    target.kind === 'family'
      ? { family: target.family }
      : { service: target.kind === 'name' ? target.name : target.service };
  try {
    const { tasks } = await rankedTasks(ecs, owner, scope, target.container ?? request.container);
    const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    if (running.length === 0) throw await noTask(ecs, owner, scope);
    return { running, notRunning: tasks.filter((task) => !running.includes(task)) };
  } catch (error) {
    if (hasCode(error, 'cluster-not-found')) throw await clusterNotFound(ecs, scope, error);
    if (owner.service === undefined || !hasCode(error, 'service-not-found')) throw error;
    throw await serviceNotFound(ecs, owner.service, scope, error);
  }
}

/**
 * The target string of a container, built from the answers of ECS and not from user input, because the
 * agent computes the same string, and KMS compares them (PROTOCOL O-5).
 */
export function targetIdOf(task: Task, container: Container): string | undefined {
  if (container.runtimeId === undefined) return undefined;
  return `ecs:${nameInArn(task.clusterArn)}_${nameInArn(task.taskArn)}_${container.runtimeId}`;
}

/** The place to search for the target. */
export function scopeOf(
  target: ParsedTarget,
  request: Pick<ResolveRequest, 'cluster' | 'flags' | 'tags'>,
): SearchScope {
  const named = target.cluster ?? request.cluster;
  return {
    cluster: named ?? DEFAULT_CLUSTER,
    isClusterNamed: named !== undefined,
    name: target.kind === 'name' ? target.name : undefined,
    flags: request.flags ?? {},
    tags: request.tags,
  };
}

async function findTask(
  ecs: EcsApi,
  target: ParsedTarget,
  scope: SearchScope,
  request: ResolveRequest,
): Promise<Found> {
  const choice = { container: target.container ?? request.container, strict: request.strict };
  try {
    switch (target.kind) {
      case 'task':
        return await findByTaskId(ecs, target.task, scope);
      case 'service':
        return await findByService(ecs, target.service, scope, choice);
      case 'family':
        return await newestTask(ecs, { family: target.family }, scope, choice);
      case 'name':
        return await findByName(ecs, target.name, scope, choice);
    }
  } catch (error) {
    if (hasCode(error, 'cluster-not-found')) throw await clusterNotFound(ecs, scope, error);
    throw error;
  }
}

async function findByName(
  ecs: EcsApi,
  name: string,
  scope: SearchScope,
  choice: TaskChoice,
): Promise<Found> {
  if (isFullTaskId(name)) return findByTaskId(ecs, name, scope);
  try {
    return await newestTask(ecs, { service: name }, scope, choice);
  } catch (error) {
    if (!hasCode(error, 'service-not-found')) throw error;
    const found = isTaskIdPrefix(name) ? await prefixIfAllowed(ecs, name, scope) : undefined;
    if (found === undefined) throw await serviceNotFound(ecs, name, scope, error);
    return found;
  }
}

/** The user most likely meant the service, so a failed search must not hide that the service does not exist. */
async function prefixIfAllowed(
  ecs: EcsApi,
  prefix: string,
  scope: SearchScope,
): Promise<Found | undefined> {
  try {
    return await findByPrefix(ecs, prefix, scope);
  } catch (error) {
    if (error instanceof EcshError && error.code !== 'target-ambiguous') return undefined;
    throw error;
  }
}

async function findByTaskId(ecs: EcsApi, id: string, scope: SearchScope): Promise<Found> {
  const isWhole = id.startsWith('arn:') || isFullTaskId(id);
  const found = isWhole ? await describeOne(ecs, id, scope) : await findByPrefix(ecs, id, scope);
  if (found === undefined) {
    throw isWhole ? taskNotFound(nameInArn(id), scope) : noSuchPrefix(id, scope);
  }
  return found;
}

async function findByPrefix(
  ecs: EcsApi,
  prefix: string,
  scope: SearchScope,
): Promise<Found | undefined> {
  const arns = await ecs.listTasks({ cluster: scope.cluster });
  const matches = arns.filter((arn) => nameInArn(arn).startsWith(prefix));
  const [match] = matches;
  if (match === undefined) return undefined;
  if (matches.length > 1) throw ambiguousPrefix(prefix, matches.map(nameInArn));
  return describeOne(ecs, match, scope);
}

async function describeOne(
  ecs: EcsApi,
  id: string,
  { cluster, tags = false }: SearchScope,
): Promise<Found | undefined> {
  const [task] = await ecs.describeTasks(cluster, [id], { tags });
  return task === undefined ? undefined : { task, notices: [] };
}

async function findByService(
  ecs: EcsApi,
  service: string,
  scope: SearchScope,
  choice: TaskChoice,
): Promise<Found> {
  try {
    return await newestTask(ecs, { service }, scope, choice);
  } catch (error) {
    if (!hasCode(error, 'service-not-found')) throw error;
    throw await serviceNotFound(ecs, service, scope, error);
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof EcshError && error.code === code;
}
