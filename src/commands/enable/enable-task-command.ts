import { type Command, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { TaskCloneOptions } from './start-clone.ts';

const HELP = `
A running task cannot be changed. This starts another one with the same task
definition, network, overrides and tags. The first one keeps running.
Tasks that EventBridge, its Scheduler or Step Functions start have the flag only
with EnableExecuteCommand in the rule, the schedule or the state.

Examples:
  $ ecsh enable task prod/0f9de17a
  $ ecsh enable task prod/family:nightly --dry-run`;

export function addTaskCloneCommand(
  enable: Command,
  invocation: Invocation,
  run: Run<TaskCloneOptions>,
): void {
  enable
    .command('task')
    .summary('start a task like this one that can be entered')
    .description('Start a task like this one that can be entered.')
    .argument('<target>', '[CLUSTER/]ID, a task ARN, or family:NAME; of no service')
    .addOption(listOption('--subnet <id>', 'run it there; repeatable'))
    .addOption(listOption('--security-group <id>', 'with this security group; repeatable'))
    .option('--public-ip', 'give it a public address')
    .option('--no-public-ip', 'give it no public address')
    .addHelpText('after', HELP)
    .action((target: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        // --dry-run, --force, --wait and --timeout belong to the command around it.
        run(app, reporter, { ...self.optsWithGlobals<TaskCloneOptions>(), ...shared, target }),
      ),
    );
}

function listOption(flags: string, description: string): Option {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  return new Option(flags, description).argParser(collect).default([], "the task's own");
}
