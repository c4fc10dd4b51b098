import type { SharedOptions } from '#commands/shared-options.ts';

export const LS_KINDS = ['clusters', 'services', 'tasks', 'containers'] as const;
export type LsKind = (typeof LS_KINDS)[number];

export const TASK_STATUSES = ['running', 'pending', 'stopped', 'all'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export interface LsOptions extends SharedOptions {
  /** Undefined: everything in the place. */
  readonly kind?: LsKind | undefined;
  readonly place?: string | undefined;
  readonly allClusters?: boolean | undefined;
  readonly service?: string | undefined;
  readonly family?: string | undefined;
  readonly status?: TaskStatus | undefined;
  /** Stopped tasks too; changes nothing for clusters and services. */
  readonly all?: boolean | undefined;
  readonly tag: readonly string[];
  /** Only the TARGET of each. */
  readonly names?: boolean | undefined;
  readonly wide?: boolean | undefined;
  /** False with `--no-header`. */
  readonly header: boolean;
  readonly watch?: boolean | undefined;
  /** Milliseconds between two looks. */
  readonly interval: number;
}
