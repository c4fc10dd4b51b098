import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addEscapeOption, addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { ShellOptions } from './shell-options.ts';

const HELP = `
Examples:
  $ ecsh                     choose cluster, service, task and container
  $ ecsh prod/web            a shell in the newest task of the service
  $ ecsh prod/web@worker     in this container of it
  $ ecsh -C prod 0f9de17a    in the task whose id begins so
  $ ecsh -                   where the last session went

bash where the image has it, else sh. ecsh exits with the shell's status.`;

/** Loads what a session needs only when there is to be one. */
const runShell: Run<ShellOptions> = async (...args) =>
  (await import('./run-shell.ts')).runShell(...args);

export function addShellCommand(program: Command, invocation: Invocation, run = runShell): void {
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
