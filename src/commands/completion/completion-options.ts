import type { Command } from 'commander';
import type { SharedOptions } from '#commands/shared-options.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export interface CompletionOptions extends SharedOptions {
  readonly shell: (typeof SHELLS)[number];
}

export interface CompleteOptions extends SharedOptions {
  /** What stands behind `ecsh`, up to the cursor; the last word is being typed. */
  readonly words: readonly string[];
  /** Only bring what is remembered up to date, however long it takes. */
  readonly refresh?: true | undefined;
  readonly program: Command;
}
