import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { createDoctorPorts } from '#aws/doctor.ts';
import type { App, AwsPorts, AwsSettings } from '#commands/app.ts';
import { endSessionsWords, watchSessionsWords } from '#commands/end-sessions/words.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { systemClock } from '#local/clock.ts';
import { refuseMissingStdout } from '#local/closed-output.ts';
import { exactArguments } from '#local/exact-arguments.ts';
import { appendTo, files, readNamedFile } from '#local/files.ts';
import { hasUnreadInput, isForeground } from '#local/foreground.ts';
import { WatchingShell } from '#local/session-guard.ts';
import { createSignals, exitOnSignals } from '#local/signals.ts';
import { createLocalTerminal } from '#terminal/local-terminal.ts';
import type { TerminalKeyboard } from '#terminal/mfa-prompt.ts';
import { usesColor } from '#ui/color.ts';
import { accessAws } from './aws-access.ts';
import { lostOutputStatus, main } from './main.ts';
import { once } from './once.ts';

refuseMissingStdout(process);

// With --all every session listens for itself.
process.setMaxListeners(0);

// bin/ecsh.js has done so already, unless this file was started in its place.
if (process.listenerCount('SIGUSR1') === 0) exitOnSignals(process);

const signals = createSignals(process, systemClock);

/** After a bug, ends the sessions that no watcher will end. */
let endUnwatched: () => Promise<void> = async () => undefined;
/** For `endUnwatched`; milliseconds. */
const EMERGENCY_LIMIT_MS = 3_000;

function aws({ noInput = false, ...settings }: AwsSettings): AwsPorts {
  const askMfaCode = (serial: string, wasRejected: boolean) =>
    askForMfaCode(serial, { noInput, wasRejected });
  const { connect, loadTransport, ...access } = accessAws({
    ...settings,
    env: process.env,
    clock: systemClock,
    askMfaCode,
    // Not in the middle of a question.
    onSlow: (text) => (isAskingMfaCode ? undefined : settings.onSlow?.(text)),
  });
  const guard = guardSessions(settings);
  endUnwatched = async () => {
    const ids = (guard?.unwatched ?? []).filter((id) => !id.includes(':'));
    if (ids.length === 0) return;
    const ssm = await access.ssm();
    await Promise.allSettled(ids.map((id) => ssm.terminateSession(id)));
  };
  return {
    ...access,
    // Not before the call is on its way.
    prepareSession: () =>
      setImmediate(() => {
        void loadTransport();
        guard?.prepare();
      }),
    openTransport(...args) {
      if (!hasSession) keepYoungGenerationSmall();
      hasSession = true;
      return access.openTransport(...args);
    },
    inventory: once(async () => {
      const [{ createInventory }, { connection }] = await Promise.all([
        import('#aws/inventory.ts'),
        connect(),
      ]);
      return createInventory(connection);
    }),
    admin: once(async () => {
      const [{ createEcsAdmin }, { connection }] = await Promise.all([
        import('#aws/ecs-admin.ts'),
        connect(),
      ]);
      return createEcsAdmin(connection);
    }),
    logEvents: async (region) => {
      const [{ createLogEvents }, { config, identity }] = await Promise.all([
        import('#aws/log-events.ts'),
        connect(),
      ]);
      return createLogEvents(config, identity, region);
    },
    guard,
    doctor: {
      ...createDoctorPorts(connect),
      local: once(async () => {
        const [{ createLocalFacts }, connection] = await Promise.all([
          import('./local-facts.ts'),
          connect(),
        ]);
        const { env, versions } = process;
        return createLocalFacts(connection, {
          nodeVersion: versions.node,
          streamHost: env.ECSH_STREAM_HOST,
        });
      }),
    },
  };
}

/** Windows has no `sh`: there another ecsh watches, which takes more memory. */
function guardSessions(settings: Omit<AwsSettings, 'noInput'>): WatchingShell {
  const { platform, env } = process;
  const endSessions = [...ownWords(), ...endSessionsWords(settings)];
  const watcher = [...ownWords(), ...watchSessionsWords(settings)];
  return new WatchingShell({
    endSessions,
    ...(platform === 'win32' ? { watcher } : {}),
    env: withoutTokens(env),
  });
}

/** The command that starts this program again. */
function ownWords(): readonly string[] {
  const { execPath, execArgv } = process;
  const [, script = execPath] = process.argv;
  // A single executable is its own script.
  return isSingleExecutable() ? [execPath] : [execPath, ...execArgv, script];
}

/** Deno and Bun lack the module. */
function isSingleExecutable(): boolean {
  return process.getBuiltinModule?.('node:sea')?.isSea() ?? false;
}

/** The response for a session that the AWS CLI has started, with the token in it. */
function withoutTokens(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isToken = (name: string) => name.startsWith('AWS_SSM_START_SESSION_RESPONSE');
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isToken(name)));
}

/**
 * V8 lets the space of new objects grow as long as a stream lasts, from 4 MiB to 32 and more, though a
 * frame's are gone within the turn (docs/performance.md). Undone before Node.js 22 keeps compiled code
 * at the exit, of which V8 takes none that was compiled under other flags.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  process.on('exit', () => setFlagsFromString('--semi-space-growth-factor=2'));
}

/** From then on the keyboard is the remote side's: credentials are also renewed in the background. */
let hasSession = false;

/** Nothing else is to be written below the question meanwhile. */
let isAskingMfaCode = false;

async function askForMfaCode(
  serial: string,
  { noInput, wasRejected }: { readonly noInput: boolean; readonly wasRejected: boolean },
): Promise<string> {
  const { askMfaCode, openKeyboard } = await import('#terminal/mfa-prompt.ts');
  isAskingMfaCode = true;
  takeKeyboard();
  try {
    return await askMfaCode(serial, {
      wasRejected,
      obstacle: obstacleToAsking(noInput),
      openInput: () => consoleKeyboard() ?? openKeyboard(),
      output: process.stderr,
    });
  } finally {
    isAskingMfaCode = false;
  }
}

/** From a list that is being loaded, which keeps what is typed (src/ui/waiting.ts). */
function takeKeyboard(): void {
  const { stdin } = process;
  if (!stdin.isTTY || !stdin.isRaw) return;
  stdin.setRawMode(false);
  stdin.pause();
}

function obstacleToAsking(noInput: boolean): string | undefined {
  if (noInput) return 'prompting is disabled by --no-input or ECSH_NO_INPUT';
  if (!process.stderr.isTTY) return 'there is no terminal to ask on';
  return hasSession ? 'the terminal is in use by a session' : undefined;
}

/** Windows has no file that is the terminal. */
function consoleKeyboard(): TerminalKeyboard | undefined {
  const { platform, stdin } = process;
  if (platform !== 'win32' || !stdin.isTTY) return undefined;
  return { input: stdin, close: () => stdin.pause() };
}

const argv = exactArguments(process.argv.slice(2), readCommandLine);

/** Undefined on systems other than Linux. */
function readCommandLine(): Uint8Array | undefined {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    return undefined;
  }
}

const app: App = {
  // Getters: to open stdin costs, and `--help` has no use for it.
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
  aws,
  async startSimulator({ fleet, port, log }) {
    const [{ startSimulator }, { defaultFleet }, { parseFleet }] = await Promise.all([
      import('#simulator/simulator.ts'),
      import('#simulator/fleet/default-fleet.ts'),
      import('#simulator/fleet/fleet-file.ts'),
    ]);
    const content = fleet === undefined ? defaultFleet() : parseFleet(parseJson(fleet));
    return startSimulator({ fleet: content, port, log, env: process.env });
  },
  async runProgram(argv, environment, abort) {
    const { runProgram } = await import('#local/programs.ts');
    return runProgram(argv, { ...process.env, ...environment }, signals, abort);
  },
  async programs() {
    const { programFiles } = await import('#local/program-files.ts');
    return programFiles(process, ownWords());
  },
  async listen(...args) {
    const { listen } = await import('#forward/local/tcp-listener.ts');
    return listen(...args);
  },
  sockets: {
    listen: async (...args) => (await localSockets()).listen(...args),
    connect: async (...args) => (await localSockets()).connect(...args),
  },
  async runInBackground(argv) {
    const { runInBackground } = await import('#local/programs.ts');
    const [file = '', ...words] = ownWords();
    runInBackground(file, [...words, ...argv]);
  },
  hasUnreadInput: () => hasUnreadInput(process),
  readFile: readNamedFile,
  copies: once(async () => {
    const [{ createCopies }, { copyEnvironment }] = await Promise.all([
      import('#copy/local/copies.ts'),
      import('#copy/local/copy-environment.ts'),
    ]);
    return createCopies(copyEnvironment(process));
  }),
  appendTo,
  get self() {
    return ownWords();
  },
  files,
  prompts(color) {
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
        isTaken: () => isAskingMfaCode,
      });
    });
    return {
      select: async (question) => (await load()).select(question),
      confirm: async (message) => (await load()).confirm(message),
      waitFor: async (message, work) => (await load()).waitFor(message, work),
    };
  },
};

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

/** A terminal that is gone (EIO) fails again when its mode is restored, after listeners are gone. */
function openStdin(): typeof process.stdin {
  const { stdin } = process;
  if (stdin.listenerCount('error') === 0) stdin.on('error', () => undefined);
  return stdin;
}

const localSockets = once(async () => {
  const { createUnixSockets } = await import('#shared/local/unix-sockets.ts');
  const { platform, env } = process;
  return createUnixSockets({
    platform,
    uid: process.getuid?.(),
    runtimeFolder: env.XDG_RUNTIME_DIR || undefined,
  });
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EcshError('fleet-invalid', 'The fleet file is not JSON.', { exitCode: 2, cause });
  }
}

// The terminal's mode is restored at exit.
let hasFailed = false;
process.on('uncaughtException', (error) => {
  if (hasFailed) return;
  hasFailed = true;
  process.stderr.write(`ecsh: This is a bug in ecsh. [bug]\n${error.stack ?? error.message}\n`);
  setTimeout(() => process.exit(ExitStatus.failure), EMERGENCY_LIMIT_MS);
  const exit = () => process.exit(ExitStatus.failure);
  endUnwatched().then(exit, exit);
});

// A closed stream ends the output; sessions react to it themselves.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A closed stderr takes our notices, and nothing of the command's status.
    if (stream === process.stderr) return;
    if (error.code === 'EPIPE') process.exitCode ??= ExitStatus.brokenPipe;
    // ABORT_ERR: we closed it ourselves, as ssh-proxy does when its connection ends.
    else if (error.code !== 'ABORT_ERR') loseOutput(error);
  });
}

let isOutputLost = false;

/** A full disk: half an answer must not look like a whole one. */
function loseOutput(error: Error): void {
  if (process.exitCode !== undefined || isOutputLost) return;
  isOutputLost = true;
  process.stderr.write(`ecsh: The output could not be written: ${error.message} [output-lost]\n`);
}

/** Not before everything is out: `process.exit` drops what a slow reader has not taken yet. */
async function flushed(stream: NodeJS.WriteStream, status: number): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
    stream.once('error', () => resolve());
    // Ended by a signal or a time limit we wait no longer for a reader that does not read.
    if (WAS_STOPPED.includes(status)) setTimeout(resolve, STOPPED_READER_LIMIT_MS);
  });
}

const WAS_STOPPED: readonly number[] = [ExitStatus.timeout, ...END_SIGNALS.map(signalStatus)];
const STOPPED_READER_LIMIT_MS = 1_000;

async function run(): Promise<number> {
  const status = await main(argv, app);
  await Promise.all([process.stdout, process.stderr].map((stream) => flushed(stream, status)));
  // A file reports its error a tick after the write.
  await new Promise(setImmediate);
  return isOutputLost ? lostOutputStatus(argv) : Number(process.exitCode ?? status);
}

// No `await` at the top: a single executable is CommonJS.
void run().then((status) => process.exit(status));
