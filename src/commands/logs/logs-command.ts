import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { parseMoment } from '#commands/moment.ts';
import { addTargetOptions } from '#commands/shared-options.ts';
import type { LogsOptions } from './logs-options.ts';

const HELP = `
Examples:
  $ ecsh logs prod/web                 the last 100 lines of the service
  $ ecsh logs -f prod/web@app          follow one container, new tasks included
  $ ecsh logs --since 10m prod/web     everything of the last ten minutes
  $ ecsh logs --filter ERROR prod/web  only lines that match
  $ ecsh logs prod/0f9de17a            one task, also a stopped one
  $ ecsh logs --session ecs-execute-command-0f9de17a2b3c4d5e6
                                       what was done in a session of ECS Exec

Reads the logs of the awslogs driver from CloudWatch Logs. --filter takes a
filter pattern of CloudWatch Logs. Lines go to stdout; with --json, one object
a line.`;

export function addLogsCommand(
  program: Command,
  invocation: Invocation,
  run: Run<LogsOptions>,
): void {
  const command = program
    .command('logs')
    .summary('show the logs of containers')
    .description('Show the logs of a service, a task or a container.')
    .argument('[target]', 'a service, a task or a container')
    .option('-f, --follow', 'print new lines until Ctrl-C or the end of the task')
    .option('--live', 'follow by Live Tail: within a second, and AWS charges for it')
    .addOption(
      new Option('-n, --tail <lines>', 'only the last so many lines, or all').argParser(parseTail),
    )
    .addOption(
      new Option('--since <time>', 'from then on: 10m, 2h, or a date').argParser(parseMoment),
    )
    .addOption(new Option('--until <time>', 'up to then').argParser(parseMoment))
    .option('--filter <pattern>', 'only lines that match this CloudWatch pattern')
    .option('--prefix', 'name task and container in front of each line')
    .option('--no-prefix', 'never name them')
    .option('--timestamps', 'put the time in front of each line')
    .option('--exit-status', "with -f on a task: exit with the container's status");
  command
    .option('--session <id>', 'the log of a session of ECS Exec instead, made readable')
    .option('--raw', 'with --session: as it was recorded');
  addTargetOptions(command)
    .addHelpText('after', HELP)
    .action((target: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<LogsOptions>(), ...shared, target }),
      ),
    );
}

/** The most that GetLogEvents returns in one call. */
const LONGEST_TAIL = 10_000;

/** -1 is kubectl's word for all. */
function parseTail(text: string): number | 'all' {
  if (text === 'all' || text === '-1') return 'all';
  const lines = Number(text);
  if (/^\d+$/.test(text) && lines <= LONGEST_TAIL) return lines;
  throw new InvalidArgumentError('Give a number of lines, 10000 at most, or all.');
}
