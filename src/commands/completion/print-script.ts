import type { App } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { Reporter } from '#ui/reporter.ts';
import bash from './ecsh.bash';
import fish from './ecsh.fish';
import powershell from './ecsh.ps1';
import zsh from './ecsh.zsh';

export interface CompletionOptions extends SharedOptions {
  readonly shell: 'bash' | 'zsh' | 'fish' | 'powershell';
}

/**
 * Each script hands the words up to the cursor to `ecsh __complete`, which answers with a line per
 * candidate, "VALUE<tab>DESCRIPTION", or with ":files". A value that ends in / @ or = goes on,
 * and in bash, which takes no space back when an @ is typed, a service, task or family.
 */
const SCRIPTS: Readonly<Record<CompletionOptions['shell'], string>> = {
  bash,
  zsh,
  fish,
  powershell,
};

/** @returns 0 */
export async function runCompletion(
  app: App,
  _reporter: Reporter,
  { shell }: CompletionOptions,
): Promise<number> {
  app.stdout.write(SCRIPTS[shell]);
  return 0;
}
