import type { SharedOptions } from '#commands/shared-options.ts';
import type { LoggingChange } from '#domain/exec-logging.ts';

interface ClusterArgument {
  /** Name or ARN; without one, `-C`, then `default`. */
  readonly clusterName: string | undefined;
}

export type LoggingShowOptions = SharedOptions & ClusterArgument;

export interface LoggingSetOptions extends SharedOptions, ClusterArgument, LoggingChange {
  readonly dryRun?: true | undefined;
  readonly force?: true | undefined;
}
