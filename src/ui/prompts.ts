import { Chalk } from 'chalk';
import type { Clock, Prompts, Signals } from '../domain/ports.ts';
import { askYesOrNo } from './confirmation.ts';
import type { Keyboard } from './keyboard.ts';
import { askList } from './list-dialog.ts';
import type { TerminalOutput } from './screen-region.ts';
import { waitFor } from './waiting.ts';

export interface PromptStreams {
  readonly input: Keyboard;
  readonly output: TerminalOutput;
  readonly clock: Clock;
  readonly signals: Signals;
  readonly hasColor: boolean;
}

/** Questions on a terminal. */
export function createPrompts({ hasColor, ...streams }: PromptStreams): Prompts {
  const world = { ...streams, chalk: new Chalk({ level: hasColor ? 1 : 0 }) };
  return {
    select: (question) => askList(world, question),
    confirm: (message) => askYesOrNo(world, message),
    waitFor: (message, work) => waitFor(world, message, work),
  };
}
