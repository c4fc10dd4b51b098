import type { Command } from 'commander';
import { readNothing } from '#commands/config-file.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { HelpOptions } from './run-help.ts';

const ROOT_HELP = `
Examples:
  $ ecsh prod/web                             a shell
  $ ecsh exec prod/web -- ./manage.py check   one command, its output and status
  $ ecsh simulate -- ecsh demo/web            try it without an account

More:  ecsh help COMMAND
       ecsh help targets | exit-status | environment | CODE of an error`;

export function addHelpCommand(
  program: Command,
  invocation: Invocation,
  run: Run<HelpOptions>,
): void {
  program
    .addHelpText('after', ROOT_HELP)
    .command('help')
    .summary('explain a command, or: targets, exit-status, environment')
    .description('Explain a command or a topic.')
    .argument('[topic...]', 'a command, or targets, exit-status, environment')
    // `ecsh help cp -r`: help on cp.
    .allowUnknownOption()
    .action((given: string[], _options, self: Command) => {
      const words = given.filter((word) => !word.startsWith('-'));
      invocation.start(
        self,
        (app, reporter, shared) => run(app, reporter, { ...shared, words, program }),
        readNothing,
      );
    });
}

/** The command that the build makes man/ecsh.1 with. */
export function addManualCommand(
  program: Command,
  invocation: Invocation,
  run: Run<HelpOptions>,
): void {
  program
    .command('__manual', { hidden: true })
    .action((_options, self: Command) =>
      invocation.start(
        self,
        (app, reporter, shared) => run(app, reporter, { ...shared, words: [], program }),
        readNothing,
      ),
    );
}
