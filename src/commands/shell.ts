import type { Command } from 'commander';
import { runInteractive } from '../session/interactive.ts';
import type { Reporter } from '../ui/reporter.ts';
import type { App } from './app.ts';
import type { Invocation } from './invocation.ts';
import {
  linkOf,
  readyTarget,
  type SessionOptions,
  startSession,
  terminalMissing,
} from './session-start.ts';
import { addEscapeOption, addSessionOptions, type SharedOptions } from './shared-options.ts';

export interface ShellOptions extends SharedOptions, SessionOptions {
  readonly target: string;
  readonly workdir?: string | undefined;
  /** `none`, or one character. */
  readonly escapeChar: string;
}

const HELP = `
Examples:
  $ ecsh prod/web            a shell in the newest task of the service
  $ ecsh prod/web@worker     in this container of it
  $ ecsh -C prod 0f9de17a    in the task whose id begins so

bash where the image has it, else sh. ecsh exits with the shell's status.`;

export function addShellCommand(program: Command, invocation: Invocation, run = runShell): void {
  const command = program
    .command('shell', { isDefault: true })
    .summary('open a shell in a container (the default command)')
    .description('Open a shell in a container.')
    .argument('<target>', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .option('-w, --workdir <directory>', 'start it in this directory')
    .addHelpText('after', HELP)
    .action((target: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<ShellOptions>(), ...shared, target }),
      ),
    );
  addSessionOptions(command);
  addEscapeOption(command);
}

/** @returns the exit status of the shell. */
export async function runShell(
  app: App,
  reporter: Reporter,
  options: ShellOptions,
): Promise<number> {
  const { terminal } = app;
  // Before a session is created that nobody would clean up.
  if (terminal === undefined) throw terminalMissing('A shell');
  const start = startSession(app, reporter, options);
  const target = await readyTarget(start, options);
  return runInteractive(
    { ...start.ports, terminal },
    {
      ...start,
      link: await linkOf(start),
      target,
      argv: undefined,
      isBare: false,
      directory: options.workdir,
      environment: {},
      timeoutMs: undefined,
      term: app.env.TERM,
      escapeKey: options.escapeChar === 'none' ? undefined : options.escapeChar,
      stdin: app.stdin,
      stdout: app.stdout,
    },
  );
}
