import type { SharedOptions } from '../shared-options.ts';

export interface SimulateOptions extends SharedOptions {
  readonly command: readonly string[];
  readonly port: number;
  readonly fleet?: string | undefined;
}
