import type { SharedOptions } from '#commands/shared-options.ts';

export interface SimulateOptions extends SharedOptions {
  readonly command: readonly string[];
  readonly port: number;
  readonly fleet?: string | undefined;
}
