import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addTaskCloneCommand } from './enable-task-command.ts';
import type { ServiceChangeOptions } from './follow-rollout.ts';
import type { TaskCloneOptions } from './start-clone.ts';
import { addWatchOptions } from './watch-options.ts';

const TARGET = '[CLUSTER/]NAME of a service';

const ENABLE_HELP = `
Examples:
  $ ecsh enable prod/web             replace the tasks, and wait for them
  $ ecsh enable prod/web --dry-run   show what would be done
  $ ecsh enable prod/web -y --wait first && ecsh exec prod/web -- ./check
  $ ecsh enable task prod/0f9de17a   start a task like this one, of no service

With --writable-agent-paths containers keep a read-only root file system: a new
revision of the task definition mounts empty volumes where exec agents write.
AWS documents neither. The plan shows them.

A running task keeps what it was started with, so that it has to be replaced.
Where CodeDeploy or another controller deploys the service, ecsh sets the flag,
says what is left to do, and exits with 1; with --no-redeploy that is enough.
Exit status: 0 ready; 1 failed, rolled back or declined; 124 not in time.`;

const DISABLE_HELP = `
Examples:
  $ ecsh disable prod/web              off for tasks that start from now on
  $ ecsh disable prod/web --redeploy   and replace those that can be entered`;

export function addEnableCommand(
  program: Command,
  invocation: Invocation,
  runs: { readonly service: Run<ServiceChangeOptions>; readonly task: Run<TaskCloneOptions> },
): void {
  const command = program
    .command('enable')
    .summary('turn ECS Exec on, and wait until tasks can be entered')
    .description('Turn ECS Exec on for a service, and wait until its tasks can be entered.')
    .usage('[options] SERVICE\n       ecsh enable [options] task TARGET')
    .argument('<service>', TARGET)
    .option('--no-redeploy', 'set the flag only, for tasks that start later')
    .option('--writable-agent-paths', 'with a revision that has volumes where exec agents write')
    .addHelpText('after', ENABLE_HELP)
    .action((target: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const options = self.opts<ServiceChangeOptions>();
        return runs.service(app, reporter, { ...options, ...shared, target, isOn: true });
      }),
    );
  addChangeOptions(command);
  addTaskCloneCommand(command, invocation, runs.task);
}

export function addDisableCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ServiceChangeOptions>,
): void {
  const command = program
    .command('disable')
    .summary('turn ECS Exec off for a service')
    .description('Turn ECS Exec off for a service. Running tasks stay as they are.')
    .usage('[options] SERVICE')
    .argument('<service>', TARGET)
    .option('--redeploy', 'replace the running tasks too')
    .addHelpText('after', DISABLE_HELP)
    .action((target: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const options = self.opts<ServiceChangeOptions>();
        const { redeploy = false } = options;
        return run(app, reporter, { ...options, ...shared, redeploy, target, isOn: false });
      }),
    );
  addChangeOptions(command);
}

function addChangeOptions(command: Command): void {
  command
    .option('--dry-run', 'print the plan and the request, and change nothing')
    .option('--force', 'even if it cannot work, or a deployment is in progress');
  addWatchOptions(command);
}
