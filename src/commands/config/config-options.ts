import type { Origin } from '#commands/setting-sources.ts';
import type { SharedOptions } from '#commands/shared-options.ts';

export interface ConfigOptions extends SharedOptions {
  readonly action: ConfigAction;
  /** What flags say, for `explain`: setting → origin. */
  readonly flags: ReadonlyMap<string, Origin>;
}

export type ConfigAction =
  | { readonly kind: 'get' | 'unset'; readonly key: string }
  | { readonly kind: 'set'; readonly key: string; readonly value: string }
  | { readonly kind: 'list' | 'path' | 'explain' };
