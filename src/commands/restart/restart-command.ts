import type { Command } from 'commander';
import { addWatchOptions } from '#commands/enable/watch-options.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { RestartOptions } from './run-restart.ts';

const HELP = `
Examples:
  $ ecsh restart prod/web             replace the tasks, wait for the new ones
  $ ecsh restart prod/web --dry-run   show what would be done
  $ ecsh restart prod/web -y --no-wait

A new deployment of the same task definition: ECS starts new tasks and stops the
old ones, within minimumHealthyPercent and maximumPercent. An image tag is
looked up again. Ctrl-C stops the watching, not the deployment.
Where CodeDeploy or another controller deploys the service, ECS refuses; ecsh
changes nothing, prints what works, and exits with 1.
Exit status: 0 replaced; 1 failed, rolled back or declined; 124 not in time.`;

export function addRestartCommand(
  program: Command,
  invocation: Invocation,
  run: Run<RestartOptions>,
): void {
  const command = program
    .command('restart')
    .summary('replace the tasks of a service, and wait for the new ones')
    .description('Replace the tasks of a service, and wait until the new ones run.')
    .usage('[options] SERVICE')
    .argument('<service>', '[CLUSTER/]NAME of a service')
    .option('--dry-run', 'print the plan and the request, and change nothing')
    .option('--force', 'even if a deployment is in progress')
    .addHelpText('after', HELP)
    .action((target: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<RestartOptions>(), ...shared, target }),
      ),
    );
  addWatchOptions(command);
}
