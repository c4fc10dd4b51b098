import type { TaskTag } from '#domain/resolve/task.ts';
import type { StyleName } from '#ui/style.ts';
import type { TableColumn } from '#ui/table.ts';
import type { TagFilter } from './listing.ts';

/** One thing of a listing, as `--json` prints it: keys are stable. */
export interface Row {
  /** The word that other commands take as TARGET, or `ls` as a cluster. */
  readonly target: string;
  readonly tags: readonly TaskTag[];
}

export interface RowColumn<R> extends TableColumn {
  readonly cell: (row: R, now: number) => string;
  /** The color of a cell; it says nothing that the text does not. */
  readonly style?: ((row: R) => StyleName | undefined) | undefined;
  /** Only with `--wide`. */
  readonly isWide?: boolean | undefined;
}

/** How a table is laid out: names of clusters are shown if there may be several. */
export interface ColumnContext {
  readonly showsCluster: boolean;
  /** On a terminal twelve digits of a task id are enough, as with docker. */
  readonly shortensIds: boolean;
}

/** How an EXEC cell looks: reachable, turned off, or broken. */
export function execStyle(cell: string): StyleName | undefined {
  if (cell === 'ready') return 'green';
  if (cell === 'on' || cell === '') return undefined;
  return cell === 'off' || cell === 'exec-disabled' || cell.endsWith('ready') ? 'yellow' : 'red';
}

export function statusStyle(status: string): StyleName | undefined {
  if (status === 'RUNNING' || status === 'ACTIVE') return undefined;
  return status === 'STOPPED' || status === 'INACTIVE' ? 'dim' : 'yellow';
}

export function hasTags({ tags }: Pick<Row, 'tags'>, filters: readonly TagFilter[]): boolean {
  return filters.every(({ key, value }) =>
    tags.some((tag) => tag.key === key && (value === undefined || tag.value === value)),
  );
}

export function byTarget(a: Row, b: Row): number {
  return a.target.localeCompare(b.target);
}

export function tagsCell({ tags }: Pick<Row, 'tags'>): string {
  return tags.map(({ key, value }) => `${key}=${value}`).join(',');
}
