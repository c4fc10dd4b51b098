import { type Command, Option } from 'commander';
import { parseDuration } from '#commands/durations.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { settingOptions } from '#commands/settings.ts';
import { addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { CpOptions } from './run-cp.ts';

const HELP = `
Examples:
  $ ecsh cp prod/web:/var/log/app.log .        out of a container
  $ ecsh cp seed.sql prod/web@db:/tmp/         into one, under the same name
  $ ecsh cp -r prod/web:/app/public ./public   a directory with everything in it
  $ pg_dump app | ecsh cp - prod/web:/tmp/dump.sql
  $ ecsh cp prod/web:/etc/hosts - | grep web
  $ ecsh cp -r prod/web:/app - | tar -tf -     with -r, - is a tar archive

As with cp(1), an existing directory is copied into, and any other destination
is the new name. A file appears under its name only when it is complete and its
checksum is right. Times and permissions are kept; your umask applies to what
you copy out of a container, unless -p is given. An existing file keeps its own
permissions. Relative paths start in the container's working directory.
Wildcards are not expanded in containers. Write a local name with a colon as
./a:b. Directories need tar in the image.`;

/** The flags as commander gives them. */
interface Flags extends Omit<CpOptions, 'paths'> {
  readonly archive?: boolean | undefined;
  /** `-R` */
  readonly R?: boolean | undefined;
}

export function addCpCommand(program: Command, invocation: Invocation, run: Run<CpOptions>): void {
  const command = program
    .command('cp')
    .summary('copy files into or out of a container')
    .description('Copy files into or out of a container.')
    .usage('[options] SOURCE... TARGET:/PATH\n       ecsh cp [options] TARGET:/PATH... DESTINATION')
    .argument('<path...>', 'TARGET:/PATH, a path of this machine, or - for stdin or stdout')
    .option('-r, --recursive', 'copy directories with everything in them; also -R')
    .addOption(new Option('-R').hideHelp())
    .option('-p, --preserve', 'keep permissions exactly, and ignore the umask')
    .option('-a, --archive', 'the same as -r -p')
    .option('-u, --user <name>', 'read and write as this user of the container, or USER:GROUP')
    .option('--timeout <time>', 'give up after 30s, 5m, …: status 124', parseDuration)
    .addHelpText('after', HELP)
    .action((paths: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...optionsOf(self.opts<Flags>()), ...shared, paths }),
      ),
    );
  addTargetOptions(command);
  addSessionOptions(command);
  for (const option of settingOptions('noShare')) command.addOption(option);
}

function optionsOf({ archive, R, recursive, preserve, ...flags }: Flags) {
  return {
    ...flags,
    ...(recursive || archive || R ? { recursive: true } : {}),
    ...(preserve || archive ? { preserve: true } : {}),
  };
}
