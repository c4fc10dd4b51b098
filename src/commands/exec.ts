import { type Command, Option } from 'commander';
import { runBatch } from '../session/batch.ts';
import { runInteractive } from '../session/interactive.ts';
import type { Reporter } from '../ui/reporter.ts';
import type { App } from './app.ts';
import { parseDuration } from './durations.ts';
import { readEnvironment } from './environment.ts';
import type { Invocation } from './invocation.ts';
import { assertLinux, prepareSession, terminalMissing } from './session-start.ts';
import type { SharedOptions } from './shared-options.ts';

export interface ExecOptions extends SharedOptions {
  readonly target: string;
  readonly command: readonly string[];
  readonly interactive?: boolean | undefined;
  readonly tty?: boolean | undefined;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly workdir?: string | undefined;
  readonly stderr: 'split' | 'merge';
  readonly timeout?: number | undefined;
  readonly killAfter: number;
  readonly wait: number;
}

const HELP = `
Examples:
  $ ecsh exec prod/web -- ./manage.py migrate --check
  $ ecsh exec -i prod/web -- psql < query.sql
  $ ecsh exec -it prod/web@app -- python
  $ ecsh exec --timeout 30s prod/web -- sh -c 'df -h | grep /data'

stdout and stderr are the command's own, byte for byte; ecsh exits with its status.
124 says that --timeout ended it, 255 that ecsh itself failed.`;

export function addExecCommand(program: Command, invocation: Invocation, run = runExec): void {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  program
    .command('exec')
    .summary('run one command in a container, with its output and exit status')
    .description('Run one command in a container; ecsh exits with its status.')
    .usage('[options] TARGET -- COMMAND [ARG...]')
    .argument('<target>', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .argument('<command...>', 'program and arguments, after --; no shell is involved')
    .option('-i, --interactive', 'give the command our stdin')
    .option('-t, --tty', 'run it on a terminal; with -i as a shell would')
    .option('-T, --no-tty', 'run it without a terminal, the default')
    .option('-e, --env <name=value>', 'set a variable; NAME alone takes our value', collect, [])
    .option('--env-file <file>', 'set variables from a file of NAME=VALUE lines', collect, [])
    .option('-w, --workdir <directory>', 'run it in this directory')
    .addOption(
      new Option('--stderr <how>', 'keep stderr apart or merge it into stdout')
        .choices(['split', 'merge'])
        .default('split'),
    )
    .option('--timeout <time>', 'end the command after 30s, 5m, …: status 124', parseDuration)
    .option('--kill-after <time>', 'SIGKILL this long after the first signal', parseDuration, 5_000)
    .option('--wait <time>', 'wait this long for the task and its agent', parseDuration, 0)
    .addHelpText('after', HELP)
    .action((target: string, command: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<ExecOptions>(), ...shared, target, command }),
      ),
    );
}

/** @returns the exit status: the command's own, or one of ours. */
export async function runExec(app: App, reporter: Reporter, options: ExecOptions): Promise<number> {
  const { terminal } = app;
  if (options.tty && terminal === undefined) throw terminalMissing('exec -t');
  const environment = await environmentOf(app, options);
  const { ports, ...start } = await prepareSession(app, reporter, options);
  const common = {
    ...start,
    argv: options.command,
    directory: options.workdir,
    environment,
    stdin: options.interactive ? app.stdin : undefined,
    stdout: app.stdout,
    timeoutMs: options.timeout,
  };
  if (options.tty && terminal !== undefined) {
    return runInteractive({ ...ports, terminal }, { ...common, term: app.env.TERM });
  }
  assertLinux(start.target);
  const { exitCode } = await runBatch(ports, {
    ...common,
    stderr: app.stderr,
    mergesStderr: options.stderr === 'merge',
    killAfterMs: options.killAfter,
  });
  return exitCode;
}

async function environmentOf(app: App, options: ExecOptions) {
  const files = await Promise.all(options.envFile.map((path) => app.readFile(path)));
  return readEnvironment(options.env, files, app.env);
}
