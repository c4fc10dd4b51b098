import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { nameInArn } from './arn.ts';
import { type RankedTasks, rankTasks } from './candidates.ts';
import { noRunningTask, noTaskOfFamily, type SearchScope, severalTasks } from './resolve-errors.ts';
import type { Task } from './task.ts';

/** The owner of tasks: a service or a family. */
export interface TaskOwner {
  readonly service?: string | undefined;
  readonly family?: string | undefined;
}

export interface TaskChoice {
  readonly container?: string | undefined;
  readonly strict?: boolean | undefined;
}

export interface Found {
  readonly task: Task;
  readonly notices: readonly string[];
  /** All tasks of the service or family, best first; undefined if the user named a task. */
  readonly siblings?: readonly Task[] | undefined;
}

/**
 * The task of a service or family in which a session most likely works; the newest of several.
 *
 * @throws EcshError `no-running-task`, `family-not-found`, `target-ambiguous` with `strict`, and the
 *   errors of ListTasks
 */
export async function newestTask(
  ecs: EcsApi,
  owner: TaskOwner,
  scope: SearchScope,
  { container, strict }: TaskChoice,
): Promise<Found> {
  const ranked = await rankedTasks(ecs, owner, scope, container);
  const [task] = ranked.tasks;
  if (task === undefined) throw await noTask(ecs, owner, scope);
  const siblings = ranked.tasks;
  if (ranked.running <= 1) return { task, siblings, notices: [] };
  if (strict) throw severalTasks(nameOf(owner), ranked.tasks);
  return { task, siblings, notices: [choiceNotice(task, ranked, nameOf(owner))] };
}

/** All of them, best first; never empty. */
export async function rankedTasks(
  ecs: EcsApi,
  owner: TaskOwner,
  scope: SearchScope,
  container: string | undefined,
): Promise<RankedTasks> {
  const { cluster, tags = false } = scope;
  const arns = await ecs.listTasks({ cluster, ...owner, thenDescribe: { tags } });
  const described = arns.length === 0 ? [] : await ecs.describeTasks(cluster, arns, { tags });
  if (described.length === 0) throw await noTask(ecs, owner, scope);
  return rankTasks(described, container);
}

/** `no-running-task`, with the state of the service if the caller has permission to read it. */
export async function noTask(
  ecs: EcsApi,
  owner: TaskOwner,
  scope: SearchScope,
): Promise<EcshError> {
  const { cluster } = scope;
  const { service, family } = owner;
  const query = { cluster, ...owner };
  if (family !== undefined) return noTaskOfFamily(ecs, { ...query, family }, scope);
  if (service === undefined) return noRunningTask(query, scope);
  try {
    return noRunningTask(query, scope, await ecs.describeServiceState(cluster, service));
  } catch (error) {
    if (error instanceof EcshError) return noRunningTask(query, scope);
    throw error;
  }
}

function nameOf({ service, family }: TaskOwner): string {
  return service === undefined ? `family ${family}` : `service ${service}`;
}

/** The number of digits of a task id in lists and pickers. */
const SHORT_ID = 12;

function choiceNotice(task: Task, { running, ready }: RankedTasks, owner: string): string {
  const id = nameInArn(task.taskArn).slice(0, SHORT_ID);
  const count = `${running} running tasks of ${owner}`;
  if (ready === running) return `Task ${id}, newest of ${count}.`;
  if (ready === 0) return `Task ${id}, newest of ${count}; none has a running exec agent.`;
  return `Task ${id}, newest of ${ready} with a running exec agent, among ${count}.`;
}
