import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type { AwsConfig } from './aws/config.ts';
import { createDoctorPorts } from './aws/doctor.ts';
import type { AwsIdentity } from './aws/identity.ts';
import type { App, AwsPorts, AwsSettings } from './commands/app.ts';
import { endSessionsWords } from './commands/end-sessions.ts';
import type { LocalApi } from './domain/doctor-ports.ts';
import { EcshError } from './domain/errors.ts';
import { ExitStatus, signalStatus } from './domain/exit-status.ts';
import { type Clock, END_SIGNALS, type SessionGuard, type Signals } from './domain/ports.ts';
import { appendTo, files, readNamedFile } from './local/files.ts';
import { createSessionGuard } from './local/session-guard.ts';
import { main } from './main.ts';
import { namesProxy } from './network/proxy-choice.ts';
import { createLocalTerminal } from './terminal/local-terminal.ts';
import type { TerminalKeyboard } from './terminal/mfa-prompt.ts';

// The SDK warns on stderr about Node versions, and reads this switch from here only.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

// With --all every session listens for itself.
process.setMaxListeners(0);

const clock: Clock = {
  // Monotonic: a wall clock that is set back would stop resends for as long.
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

const signals: Signals = {
  on(signal, handler) {
    process.on(signal, handler);
    return () => process.off(signal, handler);
  },
  suspend: () => process.kill(process.pid, 'SIGSTOP'),
};

/** Adapters are loaded when they are first needed: `--help` pays for none of them. */
function aws({ noInput = false, ...settings }: AwsSettings): AwsPorts {
  const askMfaCode = (serial: string) => askForMfaCode(serial, noInput);
  const connect = once(() => connectAws({ ...settings, env: process.env, askMfaCode }));
  return {
    ecs: async () => (await connect()).ecs,
    ssm: async () => (await connect()).ssm,
    kms: once(async () => {
      const [{ createKms }, { config, identity }] = await Promise.all([
        import('./aws/kms.ts'),
        connect(),
      ]);
      return createKms(config, identity);
    }),
    inventory: once(async () => {
      const [{ createInventory }, { connection }] = await Promise.all([
        import('./aws/inventory.ts'),
        connect(),
      ]);
      return createInventory(connection);
    }),
    admin: once(async () => {
      const [{ createEcsAdmin }, { connection }] = await Promise.all([
        import('./aws/ecs-admin.ts'),
        connect(),
      ]);
      return createEcsAdmin(connection);
    }),
    async openTransport(url, listener, signal) {
      hasSession = true;
      const [{ createOpenTransport }, { config, sign }] = await Promise.all([
        import('./transport/websocket.ts'),
        connect(),
      ]);
      const streamHost = process.env.ECSH_STREAM_HOST;
      const open = createOpenTransport({ clock, sign, agents: config.agents, streamHost });
      return open(url, listener, signal);
    },
    guard: guardSessions(settings),
    doctor: { ...createDoctorPorts(connect), local: once(async () => localFacts(await connect())) },
  };
}

interface AwsConnection {
  readonly config: AwsConfig;
  readonly identity: AwsIdentity;
}

async function localFacts({ config, identity }: AwsConnection): Promise<LocalApi> {
  const [{ measureClockSkew }, { reach }] = await Promise.all([
    import('./aws/clock-skew.ts'),
    import('./network/reach.ts'),
  ]);
  return {
    region: identity.region,
    nodeVersion: () => process.versions.node,
    clockSkew: () => measureClockSkew(config, identity),
    reach: (host, port) => reach(host, port, config.agents?.httpsAgent),
  };
}

/** Windows has neither `sh` nor sessions of processes. */
function guardSessions(settings: AwsSettings): SessionGuard | undefined {
  const { platform, execPath, execArgv, env } = process;
  if (platform === 'win32') return undefined;
  const self = [execPath, ...execArgv, fileURLToPath(import.meta.url)];
  return createSessionGuard({ endSessions: [...self, ...endSessionsWords(settings)], env });
}

async function connectAws(direct: AwsConfig) {
  const [ecs, connections, ssm, signer, identity, agents] = await Promise.all([
    import('./aws/ecs.ts'),
    import('./aws/ecs-connection.ts'),
    import('./aws/ssm.ts'),
    import('./aws/upgrade-signer.ts'),
    import('./aws/identity.ts'),
    wayOut(direct),
  ]);
  const config = { ...direct, agents };
  const shared = identity.createIdentity(config);
  const connection = connections.connectEcs(config, shared);
  return {
    config,
    identity: shared,
    connection,
    ecs: ecs.createEcs(config, connection),
    ssm: ssm.createSsm(config, shared),
    sign: signer.createUpgradeSigner(config, shared),
  };
}

/** Undefined, and nothing loaded for it, where neither a proxy nor certificates are configured. */
async function wayOut(config: AwsConfig): Promise<AwsConfig['agents']> {
  const { env } = process;
  const { findCaBundle } = await import('./aws/ca-bundle.ts');
  const caBundle = await findCaBundle(config);
  if (caBundle === undefined && !namesProxy(env)) return undefined;
  const { createAgents } = await import('./network/agents.ts');
  return createAgents({ env, caBundle });
}

/** From then on the keyboard is the remote side's: credentials are also renewed in the background. */
let hasSession = false;

async function askForMfaCode(serial: string, noInput: boolean): Promise<string> {
  const { askMfaCode } = await import('./terminal/mfa-prompt.ts');
  return askMfaCode(serial, {
    obstacle: obstacleToAsking(noInput),
    openInput: openKeyboard,
    output: process.stderr,
  });
}

function obstacleToAsking(noInput: boolean): string | undefined {
  if (noInput) return '--no-input or ECSH_NO_INPUT forbids to ask for it';
  if (!process.stderr.isTTY) return 'there is no terminal to ask on';
  return hasSession ? 'the terminal is in use by a session' : undefined;
}

/** stdin may be a file; the terminal itself is asked, so that nothing of stdin is consumed. */
function openKeyboard(): TerminalKeyboard {
  const { platform, stdin } = process;
  if (platform === 'win32' && stdin.isTTY) return { input: stdin, close: () => stdin.pause() };
  const input = new ReadStream(openSync('/dev/tty', 'r'));
  return { input, close: () => input.destroy() };
}

function once<T>(create: () => Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create();
    return created;
  };
}

const app: App = {
  // Getters: to open stdin costs, and `--help` has no use for it.
  get stdin() {
    return openStdin();
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock,
  signals,
  get terminal() {
    const stdin = openStdin();
    if (!stdin.isTTY || !process.stdout.isTTY) return undefined;
    return createLocalTerminal({
      stdin,
      stdout: process.stdout,
      clock,
      signals,
      onExit(run) {
        process.on('exit', run);
        return () => process.off('exit', run);
      },
    });
  },
  aws,
  async startSimulator({ fleet, port, log }) {
    const [{ startSimulator }, { defaultFleet }, { parseFleet }] = await Promise.all([
      import('./simulator/simulator.ts'),
      import('./simulator/default-fleet.ts'),
      import('./simulator/fleet-file.ts'),
    ]);
    const content = fleet === undefined ? defaultFleet() : parseFleet(parseJson(fleet));
    return startSimulator({ fleet: content, port, log, env: process.env });
  },
  async runProgram(argv, environment) {
    const { runProgram } = await import('./local/programs.ts');
    return runProgram(argv, { ...process.env, ...environment }, signals);
  },
  readFile: readNamedFile,
  appendTo,
  files,
  prompts: undefined,
};

/** A terminal that is gone (EIO) fails once more when its mode is given back, with nobody listening. */
function openStdin(): typeof process.stdin {
  const { stdin } = process;
  if (stdin.listenerCount('error') === 0) stdin.on('error', () => undefined);
  return stdin;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EcshError('fleet-invalid', 'The fleet file is not JSON.', { exitCode: 2, cause });
  }
}

// The terminal is given back at exit.
process.on('uncaughtException', (error) => {
  process.stderr.write(`ecsh: This is a bug in ecsh. [bug]\n${error.stack ?? error.message}\n`);
  process.exit(ExitStatus.failure);
});

// Where nobody reads any more there is nothing left to say; sessions notice it for themselves.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exitCode ??= ExitStatus.brokenPipe;
  });
}

/** Not before everything is out: `process.exit` drops what a slow reader has not taken yet. */
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
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

const status = await main(process.argv.slice(2), app);
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(process.exitCode === ExitStatus.brokenPipe ? ExitStatus.brokenPipe : status);
