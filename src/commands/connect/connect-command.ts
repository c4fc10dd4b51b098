import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { settingOptions } from '#commands/settings.ts';
import { addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { ConnectCommandOptions } from './run-connect.ts';

const HELP = `
Examples:
  $ ecsh connect prod/web -- make smoke-test
  $ ecsh connect prod/web -- pytest tests/remote
  $ ecsh connect prod/web -- sh -c 'for f in *.sql; do
      ecsh exec -i prod/web -- psql < "$f"; done'

While COMMAND runs on this machine, every ecsh exec and ecsh cp in it that
names the same container goes through one session, so a second one takes
milliseconds. The session ends with COMMAND, and ecsh exits with its status.
Session logs name each command; CloudTrail records only the session.`;

export function addConnectCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ConnectCommandOptions>,
): void {
  const command = program
    .command('connect')
    .summary('run a local command whose ecsh calls share one session')
    .description('Run a local command whose ecsh exec and ecsh cp share one session.')
    .usage('[options] TARGET -- COMMAND [ARG...]')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .argument('[command...]', 'local program and its arguments, after --')
    .addHelpText('after', HELP)
    .action((_target: string | undefined, _words: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const { before, after } = invocation.separate(self.args);
        const [target, ...misplaced] = before;
        const words = { target, command: after, misplaced };
        return run(app, reporter, { ...self.opts<ConnectCommandOptions>(), ...shared, ...words });
      }),
    );
  addTargetOptions(command);
  addSessionOptions(command);
  for (const option of settingOptions('noShare')) command.addOption(option);
}
