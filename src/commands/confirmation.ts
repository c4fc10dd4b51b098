import { EcshError } from '#domain/errors/errors.ts';
import type { App } from './app.ts';
import { Cancelled } from './cancelled.ts';
import { promptsOf, type SharedOptions } from './shared-options.ts';

/**
 * Whether the user agrees, by `--yes` or at the prompt. `command` is the command that the user typed,
 * if it fits on one line.
 *
 * @throws Cancelled, EcshError `confirmation-missing` if ecsh cannot ask
 */
export async function isConfirmed(
  app: App,
  options: SharedOptions,
  question: string,
  command?: string,
): Promise<boolean> {
  if (options.yes) return true;
  const prompts = promptsOf(app, options);
  if (prompts !== undefined) {
    const answer = await prompts.confirm(question);
    if (typeof answer === 'boolean') return answer;
    throw new Cancelled(answer.by);
  }
  throw new EcshError(
    'confirmation-missing',
    'Nothing was changed: ecsh cannot ask for confirmation.',
    {
      hint:
        command === undefined
          ? 'Repeat it with --yes, or look first with --dry-run.'
          : `Type:  ${command} --yes`,
      exitCode: 2,
    },
  );
}
