import type { App, RunningSimulator, SimulatorSettings } from '#commands/app.ts';
import type { LocalCopies } from '#copy/local-copies.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Prompts } from '#domain/ports/prompt-ports.ts';
import type { ProgramFiles } from '#domain/ports/system-ports.ts';
import type { Listen } from '#forward/listener.ts';
import { systemClock } from '#local/clock.ts';
import { appendTo, files, readNamedFile } from '#local/files.ts';
import { hasUnreadInput, isForeground } from '#local/foreground.ts';
import { createSignals } from '#local/signals.ts';
import { once } from '#once.ts';
import { createLocalTerminal } from '#terminal/local-terminal.ts';
import { type ColorChoice, usesColor } from '#ui/color.ts';
import { accessAwsPorts } from './aws-ports.ts';
import { keyboardUse } from './keyboard-use.ts';
import { ownWords } from './own-words.ts';
import { openStdin } from './standard-input.ts';

const signals = createSignals(process, systemClock);

/** The outside world of the program: this process, its streams and terminal, this machine, AWS. */
export function createApp(): App {
  return {
    // Getters, because opening stdin takes time and `--help` does not need it.
    get stdin() {
      return openStdin();
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock: systemClock,
    startedAt: Math.floor(performance.timeOrigin),
    signals,
    get keyboard() {
      return openStdin().isTTY ? localTerminal() : undefined;
    },
    get terminal() {
      return openStdin().isTTY && process.stdout.isTTY ? localTerminal() : undefined;
    },
    prompts: promptsOnTerminal,
    aws: accessAwsPorts,
    startSimulator: startLocalSimulator,
    runProgram: runLocalProgram,
    programs: localPrograms,
    listen: listenOnTcp,
    sockets: {
      listen: async (...args) => (await localSockets()).listen(...args),
      connect: async (...args) => (await localSockets()).connect(...args),
    },
    runInBackground: runSelfInBackground,
    hasUnreadInput: () => hasUnreadInput(process),
    readFile: readNamedFile,
    copies: once(localCopies),
    appendTo,
    get self() {
      return ownWords();
    },
    files,
  };
}

function localTerminal() {
  return createLocalTerminal({
    stdin: openStdin(),
    stdout: process.stdout,
    clock: systemClock,
    signals,
    suspendGroup: () => process.kill(0, 'SIGTSTP'),
    onExit(run) {
      process.on('exit', run);
      return () => process.off('exit', run);
    },
  });
}

function promptsOnTerminal(color: ColorChoice): Prompts | undefined {
  const stdin = openStdin();
  const { stderr, env } = process;
  // A dumb terminal cannot move its cursor.
  if (!stdin.isTTY || !stderr.isTTY || env.TERM === 'dumb' || !isForeground(process))
    return undefined;
  const load = once(async () => {
    const { createPrompts } = await import('#ui/prompts.ts');
    const hasColor = usesColor({ color, env, stderr });
    return createPrompts({
      input: stdin,
      output: stderr,
      clock: systemClock,
      signals,
      hasColor,
      isTaken: () => keyboardUse.isAskingForMfaCode,
    });
  });
  return {
    select: async (question) => (await load()).select(question),
    confirm: async (message) => (await load()).confirm(message),
    waitFor: async (message, work) => (await load()).waitFor(message, work),
  };
}

async function startLocalSimulator({
  fleet,
  port,
  log,
}: SimulatorSettings): Promise<RunningSimulator> {
  const [{ startSimulator }, { defaultFleet }, { parseFleet }] = await Promise.all([
    import('#simulator/simulator.ts'),
    import('#simulator/fleet/default-fleet.ts'),
    import('#simulator/fleet/fleet-file.ts'),
  ]);
  const content = fleet === undefined ? defaultFleet() : parseFleet(parseJson(fleet));
  return startSimulator({ fleet: content, port, log, env: process.env });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EcshError('fleet-invalid', 'The fleet file is not JSON.', { exitCode: 2, cause });
  }
}

async function runLocalProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  abort?: AbortSignal,
): Promise<number> {
  const { runProgram } = await import('#local/programs.ts');
  return runProgram(argv, { ...process.env, ...environment }, signals, abort);
}

async function localPrograms(): Promise<ProgramFiles> {
  const { programFiles } = await import('#local/program-files.ts');
  return programFiles(process, ownWords());
}

const listenOnTcp: Listen = async (...args) => {
  const { listen } = await import('#forward/local/tcp-listener.ts');
  return listen(...args);
};

const localSockets = once(async () => {
  const { createUnixSockets } = await import('#shared/local/unix-sockets.ts');
  const { platform, env } = process;
  return createUnixSockets({
    platform,
    uid: process.getuid?.(),
    runtimeFolder: env.XDG_RUNTIME_DIR || undefined,
  });
});

async function runSelfInBackground(argv: readonly string[]): Promise<void> {
  const { runInBackground } = await import('#local/programs.ts');
  const [file = '', ...words] = ownWords();
  runInBackground(file, [...words, ...argv]);
}

async function localCopies(): Promise<LocalCopies> {
  const [{ createCopies }, { copyEnvironment }] = await Promise.all([
    import('#copy/local/copies.ts'),
    import('#copy/local/copy-environment.ts'),
  ]);
  return createCopies(copyEnvironment(process));
}
