import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { editDistance } from '#domain/resolve/suggestion.ts';
import type { App } from '../app.ts';
import { COMMAND_NAMES } from '../command-table.ts';
import { readNothing, readWhatIsValid } from '../config-file.ts';
import { readSavedTargets } from '../saved-targets.ts';
import { ELSEWHERE, isWholeTarget } from './foreign-commands.ts';

/**
 * Refuses a first word that can only be a command that ecsh does not have. With a cluster it may be a
 * service of that cluster; without one ECS looks in the cluster `default`, which few accounts use.
 *
 * @throws EcshError `usage`
 */
export async function assertMayBeTarget(
  word: string,
  argv: readonly string[],
  app: App,
): Promise<void> {
  const at = argv.indexOf(word);
  const words = argv.slice(at + 1);
  const isElsewhere = Object.hasOwn(ELSEWHERE, word);
  const isMisspelt = words.length > 0 && nearestCommand(word) !== undefined;
  if (!isElsewhere && !isMisspelt) return;
  if (await hasCluster(argv.slice(0, at), app)) return;
  const saved = await readSavedTargets(app).catch(() => new Map());
  if (saved.has(word)) return;
  throw new EcshError('usage', `There is no command ${word}.`, {
    hint: adviceFor(word, words) ?? 'See  ecsh --help',
  });
}

async function hasCluster(flags: readonly string[], app: App): Promise<boolean> {
  if (flags.some((flag) => /^(-C|--cluster)/.test(flag))) return true;
  if ((app.env.ECSH_CLUSTER ?? '') !== '') return true;
  const { values } = await readWhatIsValid(app).catch(readNothing);
  return values.has('cluster');
}

/** Advice for a word that is neither a command of ecsh nor a TARGET; undefined if there is none. */
export function adviceFor(word: string, words: readonly string[]): string | undefined {
  const advice = Object.hasOwn(ELSEWHERE, word) ? ELSEWHERE[word] : undefined;
  if (advice !== undefined) {
    // With more words it is a command line of another tool, and no service.
    if (words.length > 0) return advice(words);
    return `${advice(words)}\nA service of that name:  ${ecshCommand([`service:${word}`])}`;
  }
  const meant = nearestCommand(word);
  if (meant !== undefined) return `Did you mean ${meant}?  ${ecshCommand([meant, ...words])}`;
  const [target = '', ...others] = words;
  if (!isWholeTarget(target)) return undefined;
  return `A command of the container follows TARGET:  ${ecshCommand([target, word, ...others])}`;
}

/** The command that a word is most likely a typo of. */
function nearestCommand(word: string): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  return COMMAND_NAMES.map((name) => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}
