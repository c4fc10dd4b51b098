import { Command, CommanderError } from 'commander';
import type { App } from './commands/app.ts';
import { addExecCommand } from './commands/exec.ts';
import { Invocation } from './commands/invocation.ts';
import { addSharedOptions } from './commands/shared-options.ts';
import { addShellCommand } from './commands/shell.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { EcshError } from './domain/errors.ts';
import { ExitStatus } from './domain/exit-status.ts';
import { VERSION } from './version.ts';

const LOCAL_COMMANDS: readonly string[] = ['simulate'];

/**
 * One run of the program.
 *
 * @param argv the words after the program's name
 * @returns the exit status
 */
export async function main(argv: readonly string[], app: App): Promise<number> {
  const invocation = new Invocation(app, argv);
  const program = createProgram(app, invocation);
  // Commands that run something remote keep 2 for it; the others use 2 as everybody does.
  let usageStatus: number = ExitStatus.failure;
  program.hook('preSubcommand', (_program, command) => {
    if (LOCAL_COMMANDS.includes(command.name())) usageStatus = 2;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return (await invocation.status) ?? ExitStatus.ok;
  } catch (error) {
    // commander has said what is wrong, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.ok : usageStatus;
    if (error instanceof EcshError) {
      invocation.reporter.failure(error);
      return error.exitCode;
    }
    invocation.reporter.bug(error);
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
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => app.stdout.write(text),
      writeErr: (text) => app.stderr.write(text),
      getOutHelpWidth: () => app.stdout.columns ?? 80,
      getErrHelpWidth: () => app.stderr.columns ?? 80,
      outputError: (text, write) => write(text.replace(/^error: /, 'ecsh: ')),
    })
    .showHelpAfterError('Try  ecsh --help')
    .exitOverride();
  addSharedOptions(program);
  addShellCommand(program, invocation);
  addExecCommand(program, invocation);
  addSimulateCommand(program, invocation);
  return program;
}
