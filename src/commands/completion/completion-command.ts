import { Argument, type Command } from 'commander';
import { readNothing, readWhatIsValid } from '#commands/config-file.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { CompleteOptions } from './complete.ts';
import type { CompletionOptions } from './print-script.ts';

const SHELLS = [
  'bash',
  'zsh',
  'fish',
  'powershell',
] as const satisfies readonly CompletionOptions['shell'][];

const HELP = `
Install it once, in the start-up file of your shell:
  bash        source <(ecsh completion bash)
  zsh         source <(ecsh completion zsh)       after compinit
  fish        ecsh completion fish | source
  PowerShell  ecsh completion powershell | Out-String | Invoke-Expression

It completes commands, flags, clusters, services, tasks, containers, profiles
and regions. Names are cached for 30 seconds.`;

export function addCompletionCommand(
  program: Command,
  invocation: Invocation,
  run: Run<CompletionOptions>,
): void {
  program
    .command('completion')
    .summary('print the completion script for a shell')
    .description('Print the completion script for a shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: CompletionOptions['shell'], _options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) => run(app, reporter, { ...shared, shell }),
        readNothing,
      ),
    );
}

/** The command that the scripts call on every Tab. */
export function addCompleteCommand(
  program: Command,
  invocation: Invocation,
  run: Run<CompleteOptions>,
): void {
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .option('--refresh')
    .action((words: string[], _options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) =>
          run(app, reporter, { ...self.opts<CompleteOptions>(), ...shared, words, program }),
        readWhatIsValid,
      ),
    );
}
