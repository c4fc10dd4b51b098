import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { PluginInstallOptions } from './run-plugin-install.ts';

const HELP = `
Examples:
  $ ecsh plugin install                     into ~/.local/bin
  $ ecsh plugin install --dir /usr/local/bin
  $ aws ecs execute-command --interactive … as before, now over ecsh

To undo it, remove the file. What is different:  docs/plugin.md`;

export function addPluginCommand(
  program: Command,
  invocation: Invocation,
  run: Run<PluginInstallOptions>,
): void {
  const plugin = program
    .command('plugin')
    .summary('let the AWS CLI and other tools use ecsh as their session-manager-plugin')
    .description('Let the AWS CLI and other tools use ecsh as their session-manager-plugin.')
    .usage('install [options]');
  plugin
    .command('install')
    .description('write a session-manager-plugin that is ecsh')
    .option('--dir <dir>', 'the folder to write it to; it should be on PATH')
    .option('--force', 'replace a session-manager-plugin that is not from ecsh')
    .addHelpText('after', HELP)
    .action((_options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { force: false, ...self.opts<{ dir?: string }>(), ...shared }),
      ),
    );
}
