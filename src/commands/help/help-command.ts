import type { Command } from 'commander';
import { readNothing } from '#commands/config-file.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { HelpOptions } from './help-options.ts';

const ROOT_HELP = `
Examples:
  $ ecsh prod/web                             a shell
  $ ecsh exec prod/web -- ./manage.py check   one command, its output and status
  $ ecsh simulate -- ecsh demo/web            try it without an account

More:  ecsh help COMMAND
       ecsh help targets | exit-status | environment`;

const runHelp: Run<HelpOptions> = async (...args) =>
  (await import('./run-help.ts')).runHelp(...args);
const runManual: Run<HelpOptions> = async (...args) =>
  (await import('./manual-page.ts')).runManual(...args);

export function addHelpCommand(program: Command, invocation: Invocation): void {
  program
    .helpCommand(false)
    .addHelpText('after', ROOT_HELP)
    .command('help')
    .summary('explain a command, or: targets, exit-status, environment')
    .description('Explain a command or a topic.')
    .argument('[topic...]', 'a command, or targets, exit-status, environment')
    .action((words: string[], _options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) => runHelp(app, reporter, { ...shared, words, program }),
        readNothing,
      ),
    );
  // What the build makes man/ecsh.1 with.
  program
    .command('__manual', { hidden: true })
    .action((_options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) => runManual(app, reporter, { ...shared, words: [], program }),
        readNothing,
      ),
    );
}
