import type { PickStart } from '#commands/pick/pick-walk.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DecideContainer } from '#domain/resolve/selection.ts';
import { isFullTaskId, parseTarget, wholeTarget } from '#domain/resolve/target.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { App } from './app.ts';
import { traceAws } from './aws-trace.ts';
import { Cancelled } from './cancelled.ts';
import { recallTarget } from './last-target.ts';
import { describeSaved, readSavedTargets } from './saved-targets.ts';
import { awsFlags, awsPorts, promptsOf, type SharedOptions } from './shared-options.ts';

type Given = SharedOptions & { readonly target?: string | undefined };
/** A diagnosis also takes tasks that cannot be entered; a session does not. */
export interface PickPurpose {
  readonly takesAny: boolean;
}

type Targeted = SharedOptions & { readonly target: string };

/**
 * The options with a target: the one that was given, the last one for `-`, or with `--pick` what
 * the user chooses. It prints the choice as a command.
 *
 * @throws Cancelled, EcshError `usage`, `not-a-terminal`, or of `recallTarget` or `pickTarget`
 */
export async function withTarget<Options extends Given>(
  app: App,
  reporter: Reporter,
  options: Options,
  purpose: PickPurpose = { takesAny: false },
): Promise<Options & Targeted> {
  const { target, pick } = options;
  if (target === undefined) {
    if (!pick) throw targetMissing();
    const saved = await pickSaved(app, options);
    if (saved !== undefined) {
      return withTarget(app, reporter, { ...options, target: saved, pick: undefined });
    }
    return pickFor(app, reporter, options, purpose);
  }
  const [, cluster] = /^([\w-]+)\/$/.exec(target) ?? [];
  if (cluster !== undefined && promptsOf(app, options) !== undefined) {
    return pickFor(app, reporter, { ...options, target: undefined, cluster }, purpose);
  }
  const recalled = await recallTarget(app, reporter, { ...options, target });
  return pick && isOpen(recalled.target) ? pickFor(app, reporter, recalled, purpose) : recalled;
}

/** Offers the saved targets before anything is asked of AWS; undefined: none, or something else is wanted. */
async function pickSaved(app: App, options: Given): Promise<string | undefined> {
  const prompts = promptsOf(app, options);
  if (prompts === undefined || options.cluster !== undefined) return undefined;
  const saved = await readSavedTargets(app);
  if (saved.size === 0) return undefined;
  const choices = [...saved].map(([name, target]) => ({
    value: name,
    label: name,
    detail: describeSaved(target),
  }));
  const others = { value: undefined, label: 'other', detail: 'choose from all clusters' };
  const message = 'Saved target';
  const answer = await prompts.select({ message, choices: [...choices, others], canGoBack: false });
  if (answer.kind === 'chosen') return answer.value;
  throw new Cancelled(answer.kind === 'cancelled' ? answer.by : undefined);
}

/** Asks which container is meant, once: a target may be looked for several times. */
export function containerDecision(
  app: App,
  reporter: Reporter,
  options: Targeted,
): DecideContainer | undefined {
  const prompts = promptsOf(app, options);
  if (prompts === undefined) return undefined;
  let chosen: string | undefined;
  return async (task, candidates) => {
    const known = candidates.find(({ name }) => name === chosen);
    if (known !== undefined) return known;
    const { pickContainer } = await import('#commands/pick/pick-walk.ts');
    const container = await pickContainer(prompts, task, candidates);
    chosen = container.name;
    const { target, cluster } = options;
    say(reporter, options, `${wholeTarget(target, cluster)}@${chosen}`);
    return container;
  };
}

export function targetMissing(): EcshError {
  return new EcshError('usage', 'There is no TARGET.', {
    hint: 'Name it, for example prod/web; at a terminal  ecsh  alone lets you choose.',
  });
}

async function pickFor<Options extends Given>(
  app: App,
  reporter: Reporter,
  options: Options,
  purpose: PickPurpose,
): Promise<Options & Targeted> {
  const prompts = promptsOf(app, options);
  if (prompts === undefined) throw cannotPick();
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const world = {
    prompts,
    open: async () => {
      const [ecs, inventory] = await Promise.all([aws.ecs(), aws.inventory()]);
      return { ecs, inventory };
    },
    flags: awsFlags(options),
    now: () => app.clock.now(),
    onFailure: (error: EcshError) => reporter.failure(error),
  };
  const { pickTarget } = await import('#commands/pick/pick-walk.ts');
  const target = await pickTarget(world, { ...startOf(options), ...purpose });
  say(reporter, options, target);
  // The target names its container, unless there is only one.
  return { ...options, target, defaultContainer: undefined };
}

function say(reporter: Reporter, options: SharedOptions, target: string): void {
  reporter.notice(ecshCommand([target], awsFlags(options)));
}

/** Several tasks may be meant: a task leaves nothing to pick but its container. */
function isOpen(text: string): boolean {
  const target = parseTarget(text);
  return target.kind !== 'task' && !(target.kind === 'name' && isFullTaskId(target.name));
}

function startOf({ target: text, cluster, strict, ...given }: Given): PickStart {
  const container = given.container ?? given.defaultContainer;
  if (text === undefined) return { cluster, container, strict };
  const target = parseTarget(text);
  const start = {
    cluster: target.cluster ?? cluster ?? 'default',
    container: target.container ?? container,
    strict,
  };
  switch (target.kind) {
    case 'task':
      return start;
    case 'family':
      return { ...start, owner: { kind: 'family', name: target.family } };
    case 'service':
      return { ...start, owner: { kind: 'service', name: target.service } };
    case 'name':
      return { ...start, owner: { kind: 'service', name: target.name } };
  }
}

function cannotPick(): EcshError {
  return new EcshError('not-a-terminal', 'This needs a terminal to choose on.', {
    hint: 'Name the task instead:  ecsh CLUSTER/TASK',
  });
}
