import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addTargetOptions } from '#commands/shared-options.ts';
import type { DescribeOptions } from './run-describe.ts';

const HELP = `
Examples:
  $ ecsh describe prod/web        deployments, events, why tasks stopped
  $ ecsh describe prod/0f9de17a   one task, also one that has stopped
  $ ecsh describe prod/web --json | jq '.stopped[0].stoppedReason'

The page fits the terminal; a pipe gets whole lines, and --json all that is
known. ECS remembers stopped tasks for about an hour.`;

export function addDescribeCommand(
  program: Command,
  invocation: Invocation,
  run: Run<DescribeOptions>,
): void {
  const command = program
    .command('describe')
    .summary('show a service or a task on one page')
    .description('Show a service or a task on one page: deployments, events, containers.')
    .argument('[target]', 'a service or a task');
  addTargetOptions(command)
    .addHelpText('after', HELP)
    .action((target: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<DescribeOptions>(), ...shared, target }),
      ),
    );
}
