import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addEscapeOption, addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { ShellOptions } from './run-shell.ts';

const HELP = `
Examples:
  $ ecsh                     choose cluster, service, task and container
  $ ecsh prod/web            a shell in the newest task of the service
  $ ecsh prod/web@worker     in this container of it
  $ ecsh -C prod 0f9de17a    in the task whose id begins so
  $ ecsh -                   where the last session went

bash where the image has it, else sh. ecsh exits with the shell's status.`;

export function addShellCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ShellOptions>,
): void {
  const command = program
    .command('shell', { isDefault: true })
    .summary('open a shell in a container (the default command)')
    .description('Open a shell in a container.')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .option('-w, --workdir <directory>', 'start it in this directory')
    .addHelpText('after', HELP)
    .action((target: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<ShellOptions>(), ...shared, target }),
      ),
    );
  addTargetOptions(command);
  addSessionOptions(command);
  addEscapeOption(command);
}
