import type { Command } from 'commander';
import { parseDuration } from '#commands/durations.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { CpOptions } from './run-cp.ts';

const HELP = `
Examples:
  $ ecsh cp prod/web:/var/log/app.log .        out of a container
  $ ecsh cp seed.sql prod/web@db:/tmp/         into one, under the same name
  $ ecsh cp -r prod/web:/app/public ./public   a directory with all in it
  $ pg_dump app | ecsh cp - prod/web:/tmp/dump.sql
  $ ecsh cp prod/web:/etc/hosts - | grep web
  $ ecsh cp -r prod/web:/app - | tar -tf -     - is a tar archive with -r

As with cp(1): a destination that is a directory is copied into, any other
name is the new one. A file appears under its name only when it is whole and
its checksum is right. Permissions and times are kept; a file that is there
keeps its own permissions. Relative paths begin in the container's working
directory. A local name with a colon is written ./a:b. A directory needs tar
in the image.`;

export function addCpCommand(program: Command, invocation: Invocation, run: Run<CpOptions>): void {
  const command = program
    .command('cp')
    .summary('copy files into or out of a container')
    .description('Copy files into or out of a container.')
    .usage('[options] SOURCE... TARGET:/PATH\n       ecsh cp [options] TARGET:/PATH... DESTINATION')
    .argument('<path...>', 'TARGET:/PATH, a path of this machine, or - for stdin or stdout')
    .option('-r, --recursive', 'copy directories with all that is in them')
    .option('-u, --user <name>', 'read and write as this user of the container, or USER:GROUP')
    .option('--timeout <time>', 'give up after 30s, 5m, …: status 124', parseDuration)
    .addHelpText('after', HELP)
    .action((paths: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<CpOptions>(), ...shared, paths }),
      ),
    );
  addTargetOptions(command);
  addSessionOptions(command);
}
