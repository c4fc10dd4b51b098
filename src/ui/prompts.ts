import type { Prompts } from '#domain/ports/prompt-ports.ts';
import { askYesOrNo } from './confirmation.ts';
import { askList } from './list-dialog.ts';
import { createStyle } from './style.ts';
import { type WaitingWorld, waitFor } from './waiting.ts';

export interface PromptWorld extends WaitingWorld {
  readonly hasColor: boolean;
}

/** Questions on a terminal. */
export function createPrompts({ hasColor, ...rest }: PromptWorld): Prompts {
  const world = { ...rest, style: createStyle(hasColor) };
  return {
    select: (question) => askList(world, question),
    confirm: (message) => askYesOrNo(world, message),
    waitFor: (message, work) => waitFor(world, message, work),
  };
}
