import { awsFlags } from '#commands/shared-options.ts';
import { ecshCommand, quoteWord } from '#domain/errors/aws-command.ts';
import { wholeTarget } from '#domain/resolve/target.ts';
import type { TargetedExec } from './exec-options.ts';

/** As shells report it. */
const NOT_FOUND = 127;
/** A shell has them within itself: no program is called so. */
const BUILT_IN = ['cd', 'export', 'source', '.', 'alias', 'set', 'ulimit', 'umask', 'exit', 'type'];

/**
 * The line to type where a command that only a shell understands was not found, as users of ssh give
 * them: in one word, or with a command of the shell itself.
 */
export function shellHint(options: TargetedExec, status: number): string | undefined {
  const { command, sh, target, cluster, container } = options;
  const [program = '', ...rest] = command;
  const isOneWord = /\s/.test(program);
  if (status !== NOT_FOUND || sh !== undefined) return undefined;
  if (!isOneWord && !BUILT_IN.includes(program)) return undefined;
  const script = [program, ...rest.map(quoteWord)].join(' ');
  const own = [...(container === undefined ? [] : ['-c', container]), wholeTarget(target, cluster)];
  const { command: name, place } = options.typed ?? { command: 'exec', place: own };
  const typed = ecshCommand([name, '--sh', script, ...place], awsFlags(options));
  const what = isOneWord ? `"${program}" is one word` : `${program} is a shell command`;
  return `There is no shell in between, and ${what}. To use one:  ${typed}`;
}
