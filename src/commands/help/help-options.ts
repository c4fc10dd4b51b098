import type { Command } from 'commander';
import type { SharedOptions } from '#commands/shared-options.ts';

export interface HelpOptions extends SharedOptions {
  /** A command, a command of a command, or a topic; none: all of it. */
  readonly words: readonly string[];
  readonly program: Command;
}
