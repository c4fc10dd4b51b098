import { Command } from 'commander';
import type { App } from '#commands/app.ts';
import { addCompletionCommand } from '#commands/completion/completion-command.ts';
import { addConfigCommand } from '#commands/config/config-command.ts';
import { addCpCommand } from '#commands/cp/cp-command.ts';
import { addDoctorCommand } from '#commands/doctor/doctor-command.ts';
import { addDisableCommand, addEnableCommand } from '#commands/enable/enable-command.ts';
import { addEndSessionsCommand } from '#commands/end-sessions/end-sessions-command.ts';
import { addExecCommand } from '#commands/exec/exec-command.ts';
import { addForwardCommand } from '#commands/forward/forward-command.ts';
import { addHelpCommand } from '#commands/help/help-command.ts';
import { Invocation } from '#commands/invocation.ts';
import { addLoggingCommand } from '#commands/logging/logging-command.ts';
import { addLsCommand } from '#commands/ls/ls-command.ts';
import { addPolicyCommand } from '#commands/policy/policy-command.ts';
import { addSharedOptions, endOfFlags, plainFlags } from '#commands/shared-options.ts';
import { addShellCommand } from '#commands/shell/shell-command.ts';
import { addSimulateCommand } from '#commands/simulate/simulate-command.ts';
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
  const program = createProgram(app, invocation);
  let command = namedCommand(program, argv);
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
export async function lostOutputStatus(argv: readonly string[], app: App): Promise<number> {
  const program = createProgram(app, new Invocation(app, argv));
  const { ownStatus } = await import('#commands/own-status.ts');
  return ownStatus('output-lost', namedCommand(program, argv));
}

/** The command that wrong flags stand with: commander stops at them before it comes to that. */
function namedCommand(program: Command, argv: readonly string[]): string | undefined {
  const names = program.commands.map((command) => command.name());
  return argv.slice(0, endOfFlags(argv)).find((word) => names.includes(word));
}

function createProgram(app: App, invocation: Invocation): Command {
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
    .exitOverride();
  addSharedOptions(program);
  addCommands(program, invocation);
  return program;
}

function addCommands(program: Command, invocation: Invocation): void {
  program.commandsGroup('In a container:');
  addShellCommand(program, invocation);
  addExecCommand(program, invocation);
  addCpCommand(program, invocation);
  addForwardCommand(program, invocation);
  program.commandsGroup('Look and repair:');
  addLsCommand(program, invocation);
  addDoctorCommand(program, invocation);
  addEnableCommand(program, invocation);
  addDisableCommand(program, invocation);
  addLoggingCommand(program, invocation);
  addPolicyCommand(program, invocation);
  program.commandsGroup('On this machine:');
  addCompletionCommand(program, invocation);
  addSimulateCommand(program, invocation);
  addEndSessionsCommand(program, invocation);
  addConfigCommand(program, invocation);
  addHelpCommand(program, invocation);
}
