import { Command } from 'commander';
import type { App } from '#commands/app.ts';
import { addCommands, COMMAND_NAMES } from '#commands/command-table.ts';
import { Invocation } from '#commands/invocation.ts';
import { addSharedOptions, endOfFlags, plainFlags } from '#commands/shared-options.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { VERSION } from './version.ts';

/** Lines that are longer read worse, and bin/ecsh.js has this one ready. */
const HELP_WIDTH = 80;

/**
 * One run of the program.
 *
 * @param argv the words after the program's name
 * @returns the exit status
 */
export async function main(argv: readonly string[], app: App): Promise<number> {
  const invocation = new Invocation(app, argv);
  let command = namedCommand(argv);
  const program = createProgram(app);
  // Help shows every command.
  await addCommands(program, invocation, command ?? (asksForHelp(argv) ? undefined : 'shell'));
  program.hook('preSubcommand', (_program, chosen) => {
    command = chosen.name();
  });
  try {
    await program.parseAsync(plainFlags(argv), { from: 'user' });
    return (await invocation.status) ?? ExitStatus.ok;
  } catch (error) {
    const { tellFailure } = await import('#commands/failed-run.ts');
    return tellFailure(error, { program, command, invocation });
  } finally {
    await invocation.close();
  }
}

/** For output that was lost after `main`. */
export async function lostOutputStatus(argv: readonly string[]): Promise<number> {
  const { ownStatus } = await import('#commands/own-status.ts');
  return ownStatus('output-lost', namedCommand(argv));
}

/** The command that wrong flags stand with: commander stops at them before it comes to that. */
function namedCommand(argv: readonly string[]): string | undefined {
  return argv.slice(0, endOfFlags(argv)).find((word) => COMMAND_NAMES.includes(word));
}

function asksForHelp(argv: readonly string[]): boolean {
  return argv.slice(0, endOfFlags(argv)).some((word) => word === '--help' || word === '-h');
}

function createProgram(app: App): Command {
  const program = new Command('ecsh')
    .description('ssh for ECS tasks: shells and one-off commands over ECS Exec.')
    .usage('[options] TARGET\n       ecsh [options] COMMAND …')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => command.name(),
      // What plainFlags makes of it.
      optionTerm: ({ long, flags }) => (long === '--debug' ? '--debug[=file]' : flags),
    })
    .configureOutput({
      writeOut: (text) => app.stdout.write(text),
      getOutHelpWidth: () => Math.min(app.stdout.columns ?? HELP_WIDTH, HELP_WIDTH),
      // Said by main, who knows more about it: help that was not asked for too.
      writeErr: () => undefined,
      outputError: () => undefined,
    })
    .helpCommand(false)
    .exitOverride();
  return addSharedOptions(program);
}
