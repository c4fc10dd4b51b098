import type { EcshError } from '#domain/errors/errors.ts';
import type { ClusterSummary, ServiceSummary } from '#domain/ports/inventory-ports.ts';
import type { Accent, Choice } from '#domain/ports/prompt-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { rankTasks } from '#domain/resolve/candidates.ts';
import { serviceOf, sidecarFeature } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { ageText } from '#ui/age.ts';
import { padToWidth } from '#ui/display-width.ts';
import { type ServiceExec, serviceExecText } from '../service-exec.ts';
import { containerFailure, shortId, taskFailure } from './task-failure.ts';

/** The owner whose tasks are offered. */
export type Owner =
  | { readonly kind: 'service'; readonly name: string }
  /** Tasks of no service. */
  | { readonly kind: 'family'; readonly name: string }
  | { readonly kind: 'all' };

export interface ClusterEntry {
  readonly name: string;
  /** Undefined if the caller lacks permission to describe it. */
  readonly summary?: ClusterSummary | undefined;
}

export interface OwnerEntry {
  readonly owner: Owner;
  /** Known only if the caller may describe the service. */
  readonly service?: ServiceSummary | undefined;
  /** Undefined if its tasks were not read. */
  readonly exec?: ServiceExec | undefined;
  /** Running tasks of a family. */
  readonly tasks?: number | undefined;
}

/** A saved target: its name, and the target with its flags. */
export interface SavedEntry {
  readonly name: string;
  readonly detail: string;
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
  return owners.map(({ owner, service, exec }, index) => ({
    value: owner,
    label: ownerLabel(owner),
    detail: details[index],
    isDimmed: service?.runningCount === 0,
    accent: serviceAccent(service, exec),
  }));
}

function ownerLabel(owner: Owner): string {
  if (owner.kind === 'all') return 'all tasks';
  return owner.kind === 'family' ? `family:${owner.name}` : owner.name;
}

function ownerDetails({ owner, service, exec, tasks }: OwnerEntry): readonly string[] {
  if (owner.kind === 'family') return [`${tasks}`, 'of no service'];
  if (service === undefined) return [];
  const { runningCount, desiredCount, launchType } = service;
  return [
    `${runningCount}/${desiredCount}`,
    execText(service, exec),
    launchType ?? service.capacityProviders.join(','),
  ];
}

/** `on` and `off` alone would not be clear. */
function execText(service: ServiceSummary, exec: ServiceExec | undefined): string {
  const text = serviceExecText(service, exec);
  return text === 'on' || text === 'off' ? `exec ${text}` : text;
}

function serviceAccent(service: ServiceSummary | undefined, exec: ServiceExec | undefined) {
  if (service === undefined || exec === undefined) return undefined;
  const text = serviceExecText(service, exec);
  if (text === 'ready') return { word: text, color: 'green' } as const;
  if (text !== exec.notReadyCode) return undefined;
  return { word: text, color: exec.isPassing ? 'yellow' : 'red' } as const;
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

/** A temporary failure is yellow. */
function accentOf(failure: EcshError | undefined): Accent {
  if (failure === undefined) return { word: 'ready', color: 'green' };
  return { word: failure.code, color: failure.retryable ? 'yellow' : 'red' };
}

/** Or the code of the error that a session would end with. */
function readiness(failure: EcshError | undefined): string {
  return failure?.code ?? 'ready';
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
