import { Argument, type Command } from 'commander';
import { readNothing, readWhatIsValid } from '#commands/config-file.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { type CompleteOptions, type CompletionOptions, SHELLS } from './completion-options.ts';

const HELP = `
Install it once, in the start-up file of your shell:
  bash        source <(ecsh completion bash)
  zsh         source <(ecsh completion zsh)       after compinit
  fish        ecsh completion fish | source
  PowerShell  ecsh completion powershell | Out-String | Invoke-Expression

It completes commands, flags, clusters, services, tasks, containers, profiles
and regions. Names are remembered for 30 seconds.`;

const runCompletion: Run<CompletionOptions> = async (...args) =>
  (await import('./print-script.ts')).runCompletion(...args);
const runComplete: Run<CompleteOptions> = async (...args) =>
  (await import('./complete.ts')).runComplete(...args);

export function addCompletionCommand(
  program: Command,
  invocation: Invocation,
  runs = { script: runCompletion, complete: runComplete },
): void {
  program
    .command('completion')
    .summary('print the completion script of a shell')
    .description('Print the completion script of a shell.')
    .addArgument(new Argument('<shell>', 'yours').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: CompletionOptions['shell'], _options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) => runs.script(app, reporter, { ...shared, shell }),
        readNothing,
      ),
    );
  // What the scripts call at every Tab.
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .option('--refresh')
    .action((words: string[], _options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) =>
          runs.complete(app, reporter, {
            ...self.opts<CompleteOptions>(),
            ...shared,
            words,
            program,
          }),
        readWhatIsValid,
      ),
    );
}
