import { type Command, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import {
  addEscapeOption,
  addProtectOption,
  addSessionOptions,
  addTargetOptions,
} from '#commands/shared-options.ts';
import type { ShellCommandOptions } from './run-shell.ts';

const HELP = `
Examples:
  $ ecsh                     choose cluster, service, task and container
  $ ecsh prod/web            a shell in the newest task of the service
  $ ecsh prod/web@worker     a shell in its container worker
  $ ecsh prod/               choose in this cluster
  $ ecsh -C prod 0f9de17a    a shell in the task whose id starts so
  $ ecsh -                   a shell where the last session was
  $ ecsh prod/web uptime     one command: its output and its exit status
  $ ecsh -t prod/web top     one command on a terminal

The shell is bash, or sh if the image has no bash; ecsh exits with its status.
Words after TARGET are a command and its arguments, as with ssh. The flags of
exec may stand before TARGET then; stdin is sent when it is a pipe or a file.`;

export function addShellCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ShellCommandOptions>,
): void {
  const command = program
    .command('shell', { isDefault: true })
    .summary('open a shell in a container (the default command)')
    .description('Open a shell in a container.')
    .usage('[options] [TARGET [COMMAND [ARG...]]]')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .argument('[command...]', 'program and arguments, to run instead of a shell')
    .option('-w, --workdir <directory>', 'start it in this directory')
    .option('-u, --user <name>', 'start it as this user, or USER:GROUP')
    .addOption(
      new Option('-e, --env <name=value>', 'set a variable; NAME alone takes our value')
        .argParser((value: string, previous: readonly string[]) => [...previous, value])
        .default([], 'none'),
    )
    .option('--shell <program>', 'start this shell')
    // Habits of docker and ssh: a shell has both.
    .addOption(new Option('-i, --interactive').hideHelp())
    .addOption(new Option('-t, --tty').hideHelp())
    .addHelpText('after', HELP)
    .action((target: string | undefined, _words: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<ShellCommandOptions>(), ...shared, target }),
      ),
    );
  addTargetOptions(command);
  addSessionOptions(command);
  addProtectOption(command);
  addEscapeOption(command);
}
