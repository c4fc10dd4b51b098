import { Cancelled } from '#commands/cancelled.ts';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Answer, Choice, Shortcut } from '#domain/ports/prompt-ports.ts';
import type { Arriving } from './arriving.ts';
import type { PickWorld } from './pick-world.ts';

/** A saved target by its name, or a target that can be typed the next time with these flags. */
export type Picked =
  | { readonly kind: 'saved'; readonly name: string }
  | { readonly kind: 'target' | 'logs'; readonly target: string; readonly flags: AwsFlags };

export const BACK = Symbol('back');
export type Walked = Picked | typeof BACK;

/** One question of the walk. */
export interface Step<Item, T> {
  readonly message: string;
  readonly items: Arriving<Item>;
  readonly choicesOf: (items: readonly Item[]) => readonly Choice<T>[];
  readonly canGoBack: boolean;
  readonly next: (value: T, canGoBack: boolean) => Promise<Walked>;
  /** The target whose logs can be shown; undefined: this choice has none. */
  readonly logsOf?: ((value: T) => string | undefined) | undefined;
}

const LOGS_KEY: Shortcut = { key: 'l', label: 'logs', takesChoice: true };

interface StepContext {
  readonly world: PickWorld;
  readonly offersLogs: boolean;
  /** Goes to another account or region by the key of an exit. */
  readonly leave: (key: string) => Promise<Walked>;
}

/** Asks until the next step succeeds, or the user goes back from here too. Takes a single choice without asking. */
export async function takeStep<Item, T>(
  step: Step<Item, T>,
  context: StepContext,
): Promise<Walked> {
  const { items, choicesOf } = step;
  await items.first;
  const [only, ...others] = choicesOf(items.items);
  if (items.isWhole && only !== undefined && others.length === 0) {
    return step.next(only.value, step.canGoBack);
  }
  try {
    for (;;) {
      const walked = await askOnce(step, context);
      if (walked !== undefined) return walked;
    }
  } finally {
    items.stop();
  }
}

/** Undefined: ask again. */
async function askOnce<Item, T>(
  step: Step<Item, T>,
  { world, offersLogs, leave }: StepContext,
): Promise<Walked | undefined> {
  const { next, logsOf } = step;
  const answer = await select(step, world, offersLogs);
  if (answer.kind === 'cancelled') throw new Cancelled(answer.by);
  if (answer.kind === 'back') return BACK;
  if (answer.kind === 'shortcut' && answer.value !== undefined) {
    const target = logsOf?.(answer.value);
    return target === undefined ? undefined : { kind: 'logs', target, flags: world.flags };
  }
  try {
    const walked =
      answer.kind === 'shortcut' ? await leave(answer.key) : await next(answer.value, true);
    return walked === BACK ? undefined : walked;
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    world.onFailure(error);
    return undefined;
  }
}

function select<Item, T>(
  { message, items, choicesOf, canGoBack, logsOf }: Step<Item, T>,
  { prompts, exits }: PickWorld,
  offersLogs: boolean,
): Promise<Answer<T>> {
  return prompts.select<T>({
    message,
    choices: choicesOf(items.items),
    canGoBack,
    shortcuts: logsOf !== undefined && offersLogs ? [...exits, LOGS_KEY] : exits,
    follow: items.isWhole ? undefined : (show) => items.follow((longer) => show(choicesOf(longer))),
  });
}
