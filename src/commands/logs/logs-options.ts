import type { Moment } from '#commands/moment.ts';
import type { SharedOptions } from '#commands/shared-options.ts';

export interface LogsOptions extends SharedOptions {
  readonly target?: string | undefined;
  readonly follow?: true | undefined;
  /** Follow by Live Tail. */
  readonly live?: true | undefined;
  readonly tail?: number | 'all' | undefined;
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
  readonly filter?: string | undefined;
  /** Undefined: only if several tasks or containers are shown. */
  readonly prefix?: boolean | undefined;
  readonly timestamps?: true | undefined;
  readonly exitStatus?: true | undefined;
  /** Show the log of this session of ECS Exec instead. */
  readonly session?: string | undefined;
  readonly raw?: true | undefined;
}
