import type { App } from '#commands/app.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { wholeTarget } from '#domain/resolve/target.ts';
import type { TargetedExec } from './exec-options.ts';

/** Programs that only read commands when they are given no arguments. */
const PROMPTS =
  /^(?:.*\/)?(?:ba|da|a|z|fi|k)?sh$|^(?:.*\/)?(?:python3?|node|irb|psql|mysql|redis-cli)$/;

/**
 * The line to type where a command ended without the input that was meant for it: data that waits on
 * stdin without `-i`, or a shell at a terminal without `-t`.
 */
export function inputHint(app: App, options: TargetedExec): string | undefined {
  const { interactive, tty, command, likeSsh, target, cluster, sh } = options;
  if (interactive || tty || sh !== undefined) return undefined;
  const place = wholeTarget(target, cluster);
  const typed = (...flags: readonly string[]) =>
    ecshCommand([...flags, place, ...(likeSsh ? [] : ['--']), ...command], awsFlags(options));
  const [program = '', ...rest] = command;
  if (app.stdin.isTTY === true) {
    if (rest.length > 0 || !PROMPTS.test(program)) return undefined;
    const line = likeSsh ? typed('-t') : typed('exec', '-it');
    return `${program} had no input. On a terminal:  ${line}`;
  }
  if (!app.hasUnreadInput()) return undefined;
  return `stdin was not sent to the command. To send it:  ${typed('exec', '-i')}`;
}
