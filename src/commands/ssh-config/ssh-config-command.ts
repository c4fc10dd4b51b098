import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { SshConfigCommandOptions } from './run-ssh-config.ts';

const HELP = `
Examples:
  $ ecsh ssh-config --install
  $ ssh web.prod.ecs
  $ scp dump.sql web.prod.ecs:/tmp/
  $ rsync -a site/ app.web.prod.ecs:/srv/site/
  $ ecsh ssh-config --install --suffix .staging --profile staging

Names are [CONTAINER.]NAME.CLUSTER and the suffix; NAME is a service or a task.
Without --install the configuration is printed, and ~/.ssh/config stays as it
is. Commands of one host share a session, which ssh keeps for ten minutes.`;

export function addSshConfigCommand(
  program: Command,
  invocation: Invocation,
  run: Run<SshConfigCommandOptions>,
): void {
  program
    .command('ssh-config')
    .summary('let ssh, scp, sftp, rsync and git reach containers')
    .description('Print or install the ssh configuration for containers.')
    .addOption(
      new Option('--install', 'write it, and include it in ~/.ssh/config').conflicts('uninstall'),
    )
    .option('--uninstall', 'take it away again')
    .addOption(
      new Option('--suffix <suffix>', 'what host names end with')
        .argParser(parseSuffix)
        .default('.ecs'),
    )
    .addHelpText('after', HELP)
    .action((_options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<SshConfigCommandOptions>(), ...shared }),
      ),
    );
}

function parseSuffix(text: string): string {
  const suffix = text.startsWith('.') ? text : `.${text}`;
  if (/^(\.[A-Za-z0-9_-]+)+$/.test(suffix)) return suffix;
  throw new InvalidArgumentError('Give a suffix such as .ecs or .staging.ecs.');
}
