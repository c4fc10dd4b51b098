import { type Command, Option } from 'commander';
import { parseDuration } from '#commands/durations.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { StopOptions } from './run-stop.ts';

const HELP = `
Examples:
  $ ecsh stop prod/0f9de17a             stop the task, and wait until it has
  $ ecsh stop prod/0f9de17a --dry-run   show what would be done
  $ ecsh stop -y --reason "stuck in a deadlock" prod/0f9de17a

ECS starts another task in place of one that belongs to a service. To replace
all tasks of a service:  ecsh restart SERVICE
Exit status: 0 stopped; 1 failed or declined; 124 not in time.`;

export function addStopCommand(
  program: Command,
  invocation: Invocation,
  run: Run<StopOptions>,
): void {
  program
    .command('stop')
    .summary('stop one task, and wait until it has stopped')
    .description('Stop one task, and wait until it has stopped.')
    .usage('[options] TASK')
    .argument('<target>', '[CLUSTER/]ID, the unique start of one, or a task ARN')
    .option('--reason <text>', 'what ECS shows as the reason', 'Stopped with ecsh stop')
    .option('--dry-run', 'print the plan and the request, and change nothing')
    .option('--no-wait', 'end as soon as ECS has accepted it')
    .addOption(
      new Option('--timeout <time>', 'wait no longer than this')
        .argParser(parseDuration)
        .default(300_000, '5m'),
    )
    .addHelpText('after', HELP)
    .action((target: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<StopOptions>(), ...shared, target }),
      ),
    );
}
