import type { Command } from 'commander';
import { readNothing } from '#commands/config-file.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { flagOrigins } from '#commands/setting-sources.ts';
import type { ConfigAction, ConfigOptions } from './run-config.ts';
import type { SavedTargetOptions, TargetAction } from './run-target.ts';

const HELP = `
Examples:
  $ ecsh config set cluster prod      ecsh web means ecsh prod/web from now on
  $ ecsh config set wait 1m
  $ ecsh config explain               each setting, and where it comes from
  $ ecsh config target add api prod/api --profile prod --region eu-west-1
  $ ecsh api                          a shell there

A flag wins over its variable, the variable over the file.
The settings:  ecsh help environment`;

export function addConfigCommand(
  program: Command,
  invocation: Invocation,
  runs: { readonly config: Run<ConfigOptions>; readonly target: Run<SavedTargetOptions> },
): void {
  const config = program
    .command('config')
    .summary('keep defaults for flags in a file')
    .description('Keep defaults for flags in a file, and see which apply.')
    .usage('COMMAND …')
    .addHelpText('after', HELP);
  const start = (self: Command, action: ConfigAction) =>
    invocation.start(
      self,
      (app, reporter, shared) =>
        runs.config(app, reporter, { ...shared, action, flags: flagOrigins(self) }),
      // A broken file must not disable the command that repairs it.
      readNothing,
    );
  addKeyCommands(config, start);
  addTargetCommand(config, invocation, runs.target);
  const plain = { list: 'print the file', path: 'print where the file is', explain: EXPLAIN };
  for (const kind of ['list', 'path', 'explain'] as const) {
    config
      .command(kind)
      .description(plain[kind])
      .action((_options, self: Command) => start(self, { kind }));
  }
}

type Start = (self: Command, action: ConfigAction) => void;

function addKeyCommands(config: Command, start: Start): void {
  config
    .command('get')
    .description('print the value of KEY in the file; status 1 if not set')
    .argument('<key>')
    .action((key: string, _options, self: Command) => start(self, { kind: 'get', key }));
  config
    .command('set')
    .description('set KEY to VALUE in the file')
    .argument('<key>')
    .argument('<value>')
    .action((key: string, value: string, _options, self: Command) =>
      start(self, { kind: 'set', key, value }),
    );
  config
    .command('unset')
    .description('remove KEY from the file')
    .argument('<key>')
    .action((key: string, _options, self: Command) => start(self, { kind: 'unset', key }));
}

const EXPLAIN = 'print every setting, its value, and where it comes from';

function addTargetCommand(
  config: Command,
  invocation: Invocation,
  run: Run<SavedTargetOptions>,
): void {
  const target = config
    .command('target')
    .summary('save targets under names: add, list, remove')
    .description('Save targets under names of their own, with profile and region.')
    .usage('COMMAND …');
  const start = (self: Command, action: TargetAction) =>
    invocation.start(
      self,
      (app, reporter, shared) => run(app, reporter, { ...shared, action }),
      readNothing,
    );
  target
    .command('add')
    .description('save TARGET as NAME, with --profile, --region, --cluster and --container')
    .argument('<name>')
    .argument('<target>')
    .action((name: string, saved: string, _options, self: Command) =>
      start(self, { kind: 'add', name, target: saved }),
    );
  target
    .command('list')
    .alias('ls')
    .description('print the saved targets')
    .action((_options, self: Command) => start(self, { kind: 'list' }));
  target
    .command('remove')
    .alias('rm')
    .description('remove NAME')
    .argument('<name>')
    .action((name: string, _options, self: Command) => start(self, { kind: 'remove', name }));
}
