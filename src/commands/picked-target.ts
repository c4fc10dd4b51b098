import type { SavedEntry } from '#commands/pick/choices.ts';
import type { PickStart } from '#commands/pick/pick-walk.ts';
import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DecideContainer } from '#domain/resolve/selection.ts';
import { isFullTaskId, parseTarget, wholeTarget } from '#domain/resolve/target.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { App } from './app.ts';
import { recallTarget } from './last-target.ts';
import { describeSaved, readSavedTargets } from './saved-targets.ts';
import { awsFlags, promptsOf, type SharedOptions } from './shared-options.ts';

type Given = SharedOptions & { readonly target?: string | undefined };
/** A diagnosis accepts an unreachable task, a session does not. */
export interface PickPurpose {
  readonly takesAny: boolean;
  /** Offer a key for the logs of a service or a task. */
  readonly offersLogs?: boolean | undefined;
}

type Targeted = SharedOptions & {
  readonly target: string;
  /** The user chose to see the logs of the target. */
  readonly showsLogs?: boolean | undefined;
};

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
    return pickFor(app, reporter, options, purpose);
  }
  const [, cluster] = /^([\w-]+)\/$/.exec(target) ?? [];
  if (cluster !== undefined && promptsOf(app, options) !== undefined) {
    return pickFor(app, reporter, { ...options, target: undefined, cluster }, purpose);
  }
  const recalled = await recallTarget(app, reporter, { ...options, target });
  return pick && isOpen(recalled.target) ? pickFor(app, reporter, recalled, purpose) : recalled;
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
    const { pickContainer } = await import('#commands/pick/pick-container.ts');
    const container = await pickContainer(prompts, task, candidates);
    chosen = container.name;
    const { target, cluster } = options;
    say(reporter, awsFlags(options), `${wholeTarget(target, cluster)}@${chosen}`);
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
  if (prompts === undefined) throw cannotPick(app);
  const [{ pickTarget }, { pickWorld }] = await Promise.all([
    import('#commands/pick/pick-walk.ts'),
    import('#commands/pick/pick-world.ts'),
  ]);
  const start = { ...startOf(options), ...purpose, saved: await savedEntries(app, options) };
  const picked = await pickTarget(pickWorld(app, { prompts, reporter, options }), start);
  if (picked.kind === 'saved') {
    return withTarget(app, reporter, { ...options, target: picked.name, pick: undefined });
  }
  const { target, flags } = picked;
  const showsLogs = picked.kind === 'logs';
  say(reporter, flags, ...(showsLogs ? ['logs', '-f', target] : [target]));
  return {
    ...options,
    ...flags,
    given: { ...options.given, ...flags },
    target,
    showsLogs,
    // The target names its container, unless there is only one.
    defaultContainer: undefined,
  };
}

/** Offered only if nothing names a place. */
async function savedEntries(app: App, { target, cluster }: Given): Promise<readonly SavedEntry[]> {
  if (target !== undefined || cluster !== undefined) return [];
  const saved = await readSavedTargets(app);
  return [...saved].map(([name, place]) => ({ name, detail: describeSaved(place) }));
}

function say(reporter: Reporter, flags: AwsFlags, ...words: readonly string[]): void {
  reporter.notice(ecshCommand(words, flags));
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

function cannotPick({ env }: App): EcshError {
  const message =
    env.TERM === 'dumb'
      ? 'A terminal with TERM=dumb cannot show a list to choose from.'
      : 'This needs a terminal to choose on.';
  return new EcshError('not-a-terminal', message, {
    hint: 'Name the task instead:  ecsh CLUSTER/TASK',
  });
}
