import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '#commands/durations.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { settingOptions } from '#commands/settings.ts';
import {
  addEscapeOption,
  addProtectOption,
  addSessionOptions,
  addTargetOptions,
} from '#commands/shared-options.ts';
import type { ExecCommandOptions } from './exec-options.ts';

const HELP = `
Examples:
  $ ecsh exec prod/web -- ./manage.py migrate --check
  $ ecsh exec -i prod/web -- psql < query.sql
  $ ecsh exec -it prod/web@app -- python
  $ ecsh exec --timeout 30s --sh 'df -h | grep "$1"' prod/web -- /data
  $ ecsh exec --all prod/web -- uptime

stdout and stderr are the command's own, byte for byte; ecsh exits with
its status. 124 says that --timeout ended it, 255 that ecsh itself failed.
--json prints status, output and session as one object.`;

export function addExecCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ExecCommandOptions>,
): void {
  const command = program
    .command('exec')
    .summary('run one command in a container, with its output and exit status')
    .description('Run one command in a container; ecsh exits with its status.')
    .usage('[options] TARGET [--] COMMAND [ARG...]')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .argument('[command...]', 'program and arguments; no shell is involved')
    .addHelpText('after', HELP)
    .action((_target: string | undefined, _words: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const { before, after } = invocation.separate(self.args);
        const options = { ...self.opts<ExecCommandOptions>(), ...shared, target: before[0] };
        return run(app, reporter, { ...options, command: after });
      }),
    );
  addTargetOptions(command);
  addCommandOptions(command);
  addOutputOptions(command);
  addSessionOptions(command);
  addProtectOption(command);
  for (const option of settingOptions('noShare')) command.addOption(option);
  addEscapeOption(command);
  addFanOutOptions(command);
}

/** Adds the flags of a command; `ecsh run` has the same. */
export function addCommandOptions(command: Command): void {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  command
    .option('-i, --interactive', 'send stdin to the command')
    .option('-t, --tty', 'run it on a terminal; usually with -i')
    .option('-T, --no-tty', 'run it without a terminal (the default)')
    .addOption(
      new Option('-e, --env <name=value>', 'set a variable; NAME alone takes our value')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--env-from <file>', 'set variables from a file of NAME=VALUE lines')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--env-file <file>', 'the same, if the file does not set NODE_OPTIONS')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(new Option('--like-ssh', 'stdin and terminal as ssh has them').hideHelp())
    .option('-w, --workdir <directory>', 'run it in this directory')
    .option('-u, --user <name>', 'run it as this user, or USER:GROUP')
    .option('--sh <script>', 'run this shell script; the words after -- are its arguments')
    .option('--no-shell', 'send the bare command to an image without sh: status unknown')
    .option('--timeout <time>', 'end the command after 30s, 5m, …: status 124', parseDuration)
    .addOption(
      new Option('--kill-after <time>', 'SIGKILL this long after the first signal')
        .argParser(parseDuration)
        .default(5_000, '5s'),
    );
}

export function addOutputOptions(command: Command): void {
  command.addOption(
    new Option('--stderr <how>', 'keep stderr separate, or merge it into stdout').choices([
      'split',
      'merge',
    ]),
  );
  for (const option of settingOptions('outputEncoding')) command.addOption(option);
}

function addFanOutOptions(command: Command): void {
  command
    .option('--all', 'run it in every running task of the service or family')
    .option('--parallel <number>', 'with --all, this many at a time', parseCount, 16)
    .addOption(new Option('--prefix', 'the default').default(true).hideHelp())
    .option('--no-prefix', 'with --all, lines without the task in front')
    .option('--fail-fast', 'with --all, cancel the others when one fails');
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a number from 1 to 9999.');
}
