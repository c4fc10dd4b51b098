import type { App, RunningSimulator } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import type { Reporter } from '#ui/reporter.ts';
import { FAREWELL, shellVariables, WELCOME } from './guided-shell.ts';

export interface SimulateOptions extends SharedOptions {
  readonly command: readonly string[];
  readonly port: number;
  readonly fleet?: string | undefined;
}

/** @returns the status of the command, or 0 when it was stopped. */
export async function runSimulate(
  app: App,
  reporter: Reporter,
  options: SimulateOptions,
): Promise<number> {
  const simulator = await app.startSimulator({
    fleet: options.fleet === undefined ? undefined : await readFleet(app, options.fleet),
    port: options.port,
    log: (line) => reporter.detail(line),
  });
  try {
    if (options.command.length > 0) return await runCommand(app, reporter, { options, simulator });
    printEnvironment(app, simulator, options);
    reporter.notice('Simulating AWS until Ctrl-C. Set the variables above in another terminal:');
    reporter.notice('  ecsh demo/web');
    await endRequested(app);
    return 0;
  } finally {
    await simulator.stop();
  }
}

interface CommandRun {
  readonly options: SimulateOptions;
  readonly simulator: RunningSimulator;
}

/** Shows a user who starts a shell some commands to try in it. */
async function runCommand(
  app: App,
  reporter: Reporter,
  { options: { command }, simulator: { environment } }: CommandRun,
): Promise<number> {
  const variables = app.terminal === undefined ? undefined : shellVariables(command);
  if (variables === undefined) return app.runProgram(command, environment);
  for (const line of WELCOME) reporter.notice(line);
  const status = await app.runProgram(command, { ...environment, ...variables });
  reporter.notice(FAREWELL);
  return status;
}

async function readFleet(app: App, path: string): Promise<string> {
  try {
    return await app.readFile(path);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    const { code, message, hint = '' } = error;
    throw new EcshError(code, message, { hint, exitCode: 2, cause: error });
  }
}

/** Prints the data: lines that a shell can evaluate, or one object. */
function printEnvironment(
  app: App,
  { environment }: RunningSimulator,
  { json }: SharedOptions,
): void {
  if (json) {
    writeJsonLine(app.stdout, environment);
    return;
  }
  for (const [name, value] of Object.entries(environment)) {
    app.stdout.write(`export ${name}=${value}\n`);
  }
}

/** From then on signals have their default action: a second Ctrl-C ends the process. */
async function endRequested({ signals }: App): Promise<void> {
  const forget: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    for (const signal of END_SIGNALS) forget.push(signals.on(signal, resolve));
  });
  for (const run of forget) run();
}
