import { Command, CommanderError } from 'commander';
import type { App } from './commands/app.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConfigCommand } from './commands/config.ts';
import { addEndSessionsCommand } from './commands/end-sessions.ts';
import { addExecCommand } from './commands/exec.ts';
import { Invocation } from './commands/invocation.ts';
import { addLoggingCommand } from './commands/logging.ts';
import { addLsCommand } from './commands/ls.ts';
import { addPolicyCommand } from './commands/policy.ts';
import { addSharedOptions, detachDebug } from './commands/shared-options.ts';
import { addShellCommand } from './commands/shell.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { EcshError } from './domain/errors.ts';
import { ExitStatus } from './domain/exit-status.ts';
import { VERSION } from './version.ts';

/** Their exit status is the remote side's: what is ours is 255, wrong usage included. */
const SESSION_COMMANDS: readonly string[] = ['shell', 'exec', 'cp', 'forward'];

const TRY_HELP = 'Try  ecsh --help';

/**
 * One run of the program.
 *
 * @param argv the words after the program's name
 * @returns the exit status
 */
export async function main(argv: readonly string[], app: App): Promise<number> {
  const invocation = new Invocation(app, argv);
  const program = createProgram(app, invocation);
  let usageStatus: number = ExitStatus.failure;
  program.hook('preSubcommand', (_program, command) => {
    usageStatus = SESSION_COMMANDS.includes(command.name()) ? ExitStatus.failure : 2;
  });
  try {
    await program.parseAsync(detachDebug(argv), { from: 'user' });
    return (await invocation.status) ?? ExitStatus.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has said what is wrong, or has shown the help that was asked for.
      if (error.exitCode === 0) return ExitStatus.ok;
      const message =
        error.code === 'commander.help' ? 'missing command' : error.message.replace(/^error: /, '');
      invocation.tellAsJson(new EcshError('usage', message, { hint: TRY_HELP }));
      return usageStatus;
    }
    if (error instanceof EcshError) {
      invocation.fail(error);
      return error.exitCode;
    }
    invocation.failWithBug(error);
    return ExitStatus.failure;
  } finally {
    await invocation.close();
  }
}

function createProgram(app: App, invocation: Invocation): Command {
  const program = new Command('ecsh')
    .description('ssh for ECS tasks: shells and one-off commands over ECS Exec.')
    .usage('[options] TARGET\n       ecsh [options] COMMAND …')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({
      showGlobalOptions: true,
      // What detachDebug makes of it.
      subcommandTerm: (command) => command.name(),
      optionTerm: ({ long, flags }) => (long === '--debug' ? '--debug[=file]' : flags),
    })
    .configureOutput({
      writeOut: (text) => app.stdout.write(text),
      writeErr: (text) => app.stderr.write(text),
      getOutHelpWidth: () => app.stdout.columns ?? 80,
      getErrHelpWidth: () => app.stderr.columns ?? 80,
      outputError: (text, write) => write(text.replace(/^error: /, 'ecsh: ')),
    })
    .showHelpAfterError(TRY_HELP)
    .exitOverride();
  addSharedOptions(program);
  addCommands(program, invocation);
  return program;
}

function addCommands(program: Command, invocation: Invocation): void {
  program.commandsGroup('In a container:');
  addShellCommand(program, invocation);
  addExecCommand(program, invocation);
  program.commandsGroup('Look and repair:');
  addLsCommand(program, invocation);
  addLoggingCommand(program, invocation);
  addPolicyCommand(program, invocation);
  program.commandsGroup('On this machine:');
  addCompletionCommand(program, invocation);
  addSimulateCommand(program, invocation);
  addEndSessionsCommand(program, invocation);
  addConfigCommand(program, invocation);
}
