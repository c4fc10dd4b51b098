import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ClusterSummary, ServiceSummary } from '#domain/ports/inventory-ports.ts';
import type { Accent, Choice } from '#domain/ports/prompt-ports.ts';
import { assertReady } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { rankTasks } from '#domain/resolve/candidates.ts';
import { targetIdOf } from '#domain/resolve/resolve.ts';
import { serviceOf, sidecarFeature } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { ageText } from '#ui/age.ts';
import { padToWidth } from '#ui/display-width.ts';

/** The owner whose tasks are offered. */
export type Owner =
  | { readonly kind: 'service'; readonly name: string }
  /** Tasks of no service. */
  | { readonly kind: 'family'; readonly name: string }
  | { readonly kind: 'all' };

export interface ClusterEntry {
  readonly name: string;
  /** Undefined where the caller may not describe it. */
  readonly summary?: ClusterSummary | undefined;
}

export interface OwnerEntry {
  readonly owner: Owner;
  /** Known only if the caller may describe the service. */
  readonly service?: ServiceSummary | undefined;
  /** Running tasks of a family. */
  readonly tasks?: number | undefined;
}

/** A saved target: its name, and the target with its flags. */
export interface SavedEntry {
  readonly name: string;
  readonly detail: string;
}

/** Hexadecimal digits of a task id that are enough to find it again. */
const ID_LENGTH = 12;

export function shortId(task: Task): string {
  return nameInArn(task.taskArn).slice(0, ID_LENGTH);
}

/** The value is undefined for the line that leads to the clusters. */
export function savedChoices(saved: readonly SavedEntry[]): readonly Choice<string | undefined>[] {
  return [
    ...saved.map(({ name, detail }) => ({ value: name, label: name, detail })),
    { value: undefined, label: 'other', detail: 'choose from all clusters' },
  ];
}

export function clusterChoices(clusters: readonly ClusterEntry[]): readonly Choice<ClusterEntry>[] {
  const details = columns(
    clusters.map(({ summary }) =>
      summary === undefined
        ? []
        : [
            counted(summary.runningTasksCount, 'task'),
            counted(summary.activeServicesCount, 'service'),
          ],
    ),
  );
  return clusters.map((cluster, index) => ({
    value: cluster,
    label: cluster.name,
    detail: details[index],
    isDimmed: cluster.summary?.runningTasksCount === 0,
  }));
}

export function ownerChoices(owners: readonly OwnerEntry[]): readonly Choice<Owner>[] {
  const details = columns(owners.map(ownerDetails));
  return owners.map(({ owner, service }, index) => ({
    value: owner,
    label: ownerLabel(owner),
    detail: details[index],
    isDimmed: service?.runningCount === 0,
  }));
}

function ownerLabel(owner: Owner): string {
  if (owner.kind === 'all') return 'all tasks';
  return owner.kind === 'family' ? `family:${owner.name}` : owner.name;
}

function ownerDetails({ owner, service, tasks }: OwnerEntry): readonly string[] {
  if (owner.kind === 'family') return [`${tasks}`, 'of no service'];
  if (service === undefined) return [];
  const { runningCount, desiredCount, enableExecuteCommand, launchType } = service;
  return [
    `${runningCount}/${desiredCount}`,
    `exec ${enableExecuteCommand ? 'on' : 'off'}`,
    launchType ?? service.capacityProviders.join(','),
  ];
}

export interface TaskRowOptions {
  /** The container that the user named. */
  readonly container: string | undefined;
  readonly showsOwner: boolean;
  readonly now: number;
}

/** Ready tasks first, the newest first. */
export function taskChoices(
  tasks: readonly Task[],
  { container, showsOwner, now }: TaskRowOptions,
): readonly Choice<Task>[] {
  const ranked = rankTasks(tasks, container).tasks;
  const failures = ranked.map((task) => taskFailure(task, container));
  const details = columns(
    ranked.map((task, index) => [
      ...(showsOwner ? [serviceOf(task) ?? '-'] : []),
      readiness(failures[index]),
      task.lastStatus,
      ageText(task.startedAt ?? task.createdAt, now),
      nameInArn(task.taskDefinitionArn),
      task.launchType ?? task.capacityProviderName ?? '',
    ]),
  );
  return ranked.map((task, index) => ({
    value: task,
    label: shortId(task),
    detail: details[index],
    isDimmed: failures[index] !== undefined,
    accent: accentOf(failures[index]),
  }));
}

/** Sidecars of AWS are reachable too, but are rarely meant: they are dimmed. */
export function containerChoices(
  task: Task,
  containers: readonly Container[],
): readonly Choice<Container>[] {
  const failures = containers.map((container) => containerFailure(task, container));
  const features = containers.map(({ name }) => sidecarFeature(name));
  const details = columns(
    containers.map(({ lastStatus }, index) => [
      lastStatus,
      readiness(failures[index]),
      features[index] ?? '',
    ]),
  );
  return containers.map((container, index) => ({
    value: container,
    label: container.name,
    detail: details[index],
    isDimmed: failures[index] !== undefined || features[index] !== undefined,
    accent: accentOf(failures[index]),
  }));
}

/** A failure that may pass by itself is yellow. */
function accentOf(failure: EcshError | undefined): Accent {
  if (failure === undefined) return { word: 'ready', color: 'green' };
  return { word: failure.code, color: failure.retryable ? 'yellow' : 'red' };
}

/** Or the code of the error that a session would end with. */
function readiness(failure: EcshError | undefined): string {
  return failure?.code ?? 'ready';
}

/** Why no container of the task is reachable; undefined when one is. */
export function taskFailure(
  task: Task,
  container: string | undefined,
  flags: AwsFlags = {},
): EcshError | undefined {
  const wanted = ownContainers(task).filter(
    ({ name }) => container === undefined || name === container,
  );
  const failures = wanted.map((one) => containerFailure(task, one, flags));
  if (failures.includes(undefined)) return undefined;
  return failures[0] ?? noContainer(task, container);
}

/** Why the container is not reachable: the error that a session would end with. */
export function containerFailure(
  task: Task,
  container: Container,
  flags: AwsFlags = {},
): EcshError | undefined {
  const cluster = nameInArn(task.clusterArn);
  const targetId = targetIdOf(task, container);
  try {
    assertReady({ task, container, cluster, targetId, notices: [] }, flags);
    return undefined;
  } catch (error) {
    if (error instanceof EcshError) return error;
    throw error;
  }
}

/** Without sidecars of AWS, unless there are no others. */
export function ownContainers({ containers }: Task): readonly Container[] {
  const own = containers.filter(({ name }) => sidecarFeature(name) === undefined);
  return own.length > 0 ? own : containers;
}

function noContainer(task: Task, name = ''): EcshError {
  const id = shortId(task);
  return task.containers.length === 0
    ? new EcshError('container-not-running', `Task ${id} has no containers yet.`, {
        retryable: true,
      })
    : new EcshError('container-not-found', `Task ${id} has no container "${name}".`);
}

/** Each row as one text, with its columns aligned. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows
    .reduce<readonly string[]>((longest, row) => (row.length > longest.length ? row : longest), [])
    .map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => padToWidth(cell, widths[column] ?? 0)).join('  '),
  );
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
