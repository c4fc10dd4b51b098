import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addTargetOptions } from '#commands/shared-options.ts';
import type { DoctorOptions } from './run-doctor.ts';

const HELP = `
Examples:
  $ ecsh doctor prod/web             is it ready, and if not, why
  $ ecsh doctor --quick prod/web     only what ECS itself says
  $ ecsh doctor --deep prod/web      open sessions and this machine too
  $ ecsh doctor --probe prod/web     and open a session to see that it works
  $ ecsh doctor                      this machine: credentials, clock, network

The first line is the verdict and its cause, the next the fix. What you may not
read is reported as unknown, never as a failure. Exits with 0 when it is ready,
with 1 when it is not. With --json, one object:  docs/doctor.md`;

export function addDoctorCommand(
  program: Command,
  invocation: Invocation,
  run: Run<DoctorOptions>,
): void {
  const command = program
    .command('doctor')
    .summary('find out why ECS Exec does not work, and how to fix it')
    .description('Say why ECS Exec works for a target or does not, and how to fix it.')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]; without one, look at this machine')
    .option('--quick', 'check only the task and what it was made from')
    .option('--task', 'judge only the task that a session would use, not the whole service')
    .option('--sessions', 'also check the open sessions')
    .option('--local', 'also check this machine: credentials, clock, network')
    .option('--deep', 'at everything')
    .option('--probe', 'open a session with a harmless command')
    .option('--ssh', 'open a session and list the tools over ssh that the image supports')
    .option('--fix', 'turn ECS Exec on if that is what is missing; asks first')
    .addHelpText('after', HELP)
    .action((target: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<DoctorOptions>(), ...shared, target }),
      ),
    );
  addTargetOptions(command);
}
