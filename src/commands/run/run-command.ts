import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationOf, parseDuration } from '#commands/durations.ts';
import { addCommandOptions, addOutputOptions } from '#commands/exec/exec-command.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addEscapeOption, addProtectOption, addSessionOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { WaitOptions } from './follow-task.ts';
import type { LeftoverOptions } from './run-cleanup.ts';
import { isOwnProgram, type RunOptions } from './run-options.ts';

const HELP = `
Examples:
  $ ecsh run prod/web -- ./manage.py migrate
  $ ecsh run -it prod/web -- rails console
  $ ecsh run --memory 4096 -e DEBUG=1 prod/web -- ./backfill.sh
  $ ecsh run prod/family:jobs --like web -- ./report
  $ ecsh run --image app:pr-7 prod/web -- ./manage.py check
  $ task=$(ecsh run --detach prod/web -- ./long-job)
  $ ecsh run --wait "$task"
  $ ecsh run --cleanup prod

The task has the service's definition, network, capacity and tags. Its container
waits for the command, which then runs as "ecsh exec" runs it: exact output,
stdin, true status. The task is stopped at the end, when ecsh is killed too,
and ends by itself after --ttl. -e travels in the session and does not stand in
the task. With --detach the command is the container's own program, runs to its
end, and -e stands in the task.`;

/** As commander returns them. */
type GivenOptions = Omit<RunOptions, 'wait'> & {
  readonly cleanup?: true;
  /** Milliseconds, or the task to wait for. */
  readonly wait: number | string;
};

interface RunCommands {
  readonly fresh: Run<RunOptions>;
  readonly wait: Run<WaitOptions>;
  readonly cleanup: Run<LeftoverOptions>;
}

export function addRunCommand(
  program: Command,
  invocation: Invocation,
  { fresh, wait, cleanup }: RunCommands,
): void {
  const command = program
    .command('run')
    .summary('run one command in a fresh task of its own')
    .description("Start a task like the service's, run one command in it, and stop it.")
    .usage('[options] TARGET [--] COMMAND [ARG...]')
    .argument('[target]', '[CLUSTER/]SERVICE, or [CLUSTER/]family:NAME[:REVISION]')
    .argument('[command...]', 'program and arguments; no shell is involved')
    .addHelpText('after', HELP)
    .action((_target: string | undefined, _words: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const { before, after } = invocation.separate(self.args);
        const given = { ...self.opts<GivenOptions>(), ...shared };
        if (given.cleanup) {
          const { dryRun } = given;
          return cleanup(app, reporter, {
            ...shared,
            dryRun,
            place: placeOf([...before, ...after]),
          });
        }
        if (typeof given.wait === 'string') {
          assertWaitsOnly(given, [...before, ...after]);
          return wait(app, reporter, { ...shared, target: given.wait, timeout: given.timeout });
        }
        if (isOwnProgram(given) && self.getOptionValueSource('ttl') === 'cli') throw ttlOfOwn();
        const { wait: patience } = given;
        return fresh(app, reporter, {
          ...given,
          wait: patience,
          target: before[0],
          command: after,
        });
      }),
    );
  addRunOptions(command);
}

/** The options of exec, two of which mean something else here, and those of the task. */
function addRunOptions(command: Command): void {
  addTaskOptions(command);
  addCommandOptions(command);
  addOutputOptions(command);
  addSessionOptions(command);
  addProtectOption(command);
  for (const option of command.options) {
    if (option.long === '--wait') option.argParser(parseWait).description = WAIT;
    if (option.long === '--no-shell') option.description = NO_SHELL;
  }
  addEscapeOption(command);
}

const NO_SHELL = "for an image without sh: the command is the container's own, its log the output";

function usage(message: string, hint: string): EcshError {
  return new EcshError('usage', message, { hint });
}

/** The word after `--cleanup`. */
function placeOf([place, ...more]: readonly string[]): string | undefined {
  if (more.length === 0) return place;
  throw usage(
    '--cleanup runs no command.',
    'Name a cluster or a service:  ecsh run --cleanup prod',
  );
}

function assertWaitsOnly({ detach, dryRun }: GivenOptions, words: readonly string[]): void {
  if (words.length === 0 && !detach && !dryRun) return;
  throw usage(
    '--wait TASK waits for a command that runs, and starts none.',
    'Wait for the task:  ecsh run --wait TASK\nA command in a fresh task:  ecsh run prod/web -- ./manage.py migrate',
  );
}

function ttlOfOwn(): EcshError {
  return usage(
    '--ttl does not end a task of --detach or --no-shell: its container runs your command and nothing else.',
    'Limit the command itself:  -- timeout 2h ./long-job',
  );
}

const WAIT = 'TASK of --detach: show its log, exit with its status; or a time';

/** A time, as of every command with a session, or a task. */
function parseWait(text: string): number | string {
  return durationOf(text) === undefined ? text : parseDuration(text);
}

function addTaskOptions(command: Command): void {
  command
    .addOption(new Option('--cpu <units>', 'CPU units of the task').argParser(parseUnits))
    .addOption(
      new Option('--memory <mib>', 'memory of the task in MiB, or as 4g').argParser(parseMemory),
    )
    .option('--task-role <arn>', 'another task role')
    .option('--image <image>', 'another image, in a revision that is deregistered at the end')
    .option('--like <service>', 'for family:NAME, network and capacity of this service')
    .addOption(listOption('--subnet <id>', 'run it there; repeatable'))
    .addOption(listOption('--security-group <id>', 'with this security group; repeatable'))
    .option('--public-ip', 'give it a public address')
    .option('--no-public-ip', 'give it no public address')
    .addOption(
      new Option('--ttl <time>', 'the task ends by itself after this')
        .argParser(parseDuration)
        .default(3_600_000, '1h'),
    )
    .addOption(
      new Option('--start-timeout <time>', 'how long the task may take to start')
        .argParser(parseDuration)
        .default(600_000, '10m'),
    )
    .option('--force', 'start it even if a check says that the command cannot run')
    .option('-d, --detach', "make the command the container's own, and print the task")
    .option('--dry-run', 'print the RunTask request, and start nothing')
    .option('--cleanup', 'list and stop tasks that an ecsh run left behind');
}

function listOption(flags: string, description: string): Option {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  return new Option(flags, description).argParser(collect).default([], "the service's own");
}

function parseMemory(text: string): string {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(m|g)(?:i?b)?$/i.exec(text) ?? [];
  if (count === undefined) return parseUnits(text);
  return parseUnits(String(Number(count) * (unit.toLowerCase() === 'g' ? 1_024 : 1)));
}

function parseUnits(text: string): string {
  if (/^[1-9]\d{1,6}$/.test(text)) return text;
  throw new InvalidArgumentError('Give a number, such as 512 or 2048.');
}
