import { nameInArn } from '#domain/resolve/arn.ts';
import { sidecarFeature } from '#domain/resolve/selection.ts';
import { ageText } from '#ui/age.ts';
import { type ColumnContext, execStyle, type RowColumn, statusStyle, tagsCell } from './row.ts';
import type { ContainerRow, TaskRow } from './tasks.ts';

/** Digits of a task id that are unique in practice. */
const SHORT_ID = 12;

type TaskPart = Pick<TaskRow, 'cluster' | 'taskId' | 'service' | 'family'>;

export function taskColumns(context: ColumnContext): readonly RowColumn<TaskRow>[] {
  return [
    ...placeColumns(context),
    {
      title: 'STATUS',
      priority: 6,
      cell: (row) => row.lastStatus,
      style: (row) => statusStyle(row.lastStatus),
    },
    { title: 'EXEC', priority: 1, cell: execCell, style: (row) => execStyle(execCell(row)) },
    {
      title: 'CONTAINERS',
      priority: 5,
      minimum: 10,
      cell: ({ containers }) => containers.map(({ name }) => name).join(','),
    },
    {
      title: 'TASK DEFINITION',
      priority: 7,
      minimum: 12,
      cell: (row) => nameInArn(row.taskDefinitionArn),
    },
    {
      title: 'LAUNCH',
      priority: 8,
      cell: (row) => row.capacityProviderName ?? row.launchType ?? '',
    },
    { title: 'AGE', priority: 4, align: 'right', cell: (row, now) => ageText(row.createdAt, now) },
    { title: 'STOPPED BECAUSE', priority: 9, isWide: true, cell: (row) => row.stoppedReason ?? '' },
    { title: 'TAGS', priority: 10, isWide: true, cell: tagsCell },
  ];
}

export function containerColumns(context: ColumnContext): readonly RowColumn<ContainerRow>[] {
  return [
    ...placeColumns(context),
    { title: 'CONTAINER', priority: 0, minimum: 14, cell: (row) => row.name },
    {
      title: 'STATUS',
      priority: 6,
      cell: (row) => row.lastStatus,
      style: (row) => statusStyle(row.lastStatus),
    },
    { title: 'HEALTH', priority: 7, cell: (row) => row.healthStatus ?? '' },
    {
      title: 'EXEC',
      priority: 1,
      cell: ({ exec }) => exec.code ?? 'ready',
      style: ({ exec }) => execStyle(exec.code ?? 'ready'),
    },
    { title: 'REASON', priority: 5, minimum: 16, cell: ({ exec }) => exec.reason ?? '' },
    { title: 'TAGS', priority: 9, isWide: true, cell: tagsCell },
  ];
}

function placeColumns({
  showsCluster,
  shortensIds,
}: ColumnContext): readonly RowColumn<TaskPart>[] {
  const cluster = { title: 'CLUSTER', priority: 3, minimum: 8 };
  return [
    ...(showsCluster ? [{ ...cluster, cell: (row: TaskPart) => row.cluster }] : []),
    {
      title: 'TASK',
      priority: 0,
      cell: ({ taskId }) => (shortensIds ? taskId.slice(0, SHORT_ID) : taskId),
    },
    // A task of no service is known by its family.
    { title: 'SERVICE', priority: 2, minimum: 16, cell: serviceCell },
  ];
}

function serviceCell(row: TaskPart): string {
  return row.service ?? `family:${row.family}`;
}

/** `ready`, why not, or how many are, of the containers that AWS did not add. */
export function execCell({ containers }: Pick<TaskRow, 'containers'>): string {
  const own = containers.filter(({ name }) => sidecarFeature(name) === undefined);
  const ready = own.filter(({ exec }) => exec.ready).length;
  if (ready === own.length && ready > 0) return 'ready';
  if (ready > 0) return `${ready} of ${own.length} ready`;
  return own[0]?.exec.code ?? '';
}
