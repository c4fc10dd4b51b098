import { PassThrough, type Writable } from 'node:stream';
import type { App, AwsPorts, AwsSettings, SimulatorSettings } from '#commands/app.ts';
import type { LocalCopies } from '#copy/local-copies.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { InventoryApi } from '#domain/ports/inventory-ports.ts';
import type { Prompts } from '#domain/ports/prompt-ports.ts';
import type { EndSignal, ProgramFiles } from '#domain/ports/system-ports.ts';
import type { LocalTerminal } from '#domain/ports/terminal-ports.ts';
import { main } from '#main.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeInventory } from '#test/fakes/fake-inventory.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { settle } from '#test/fakes/manual-clock.ts';

export interface FakeAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Content by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Undefined: no user can answer. */
  readonly prompts?: Prompts;
  readonly terminal?: LocalTerminal;
  readonly remote?: FakeRemote;
  /** Data is waiting on stdin. */
  readonly hasUnreadInput?: boolean;
  /** Replaces the transport of `remote`. */
  readonly ecs?: EcsApi;
  /** Undefined: there is nothing. */
  readonly inventory?: InventoryApi;
  readonly admin?: AwsPorts['admin'];
  readonly protection?: AwsPorts['protection'];
  readonly logEvents?: AwsPorts['logEvents'];
  readonly sessionLogs?: AwsPorts['sessionLogs'];
  readonly doctor?: DoctorPorts;
  /** Files of this machine, for `cp`. */
  readonly copies?: LocalCopies;
  /** The file of `--debug FILE`. */
  readonly appendTo?: (path: string) => Writable;
  /** The exit status of a local program. */
  readonly runProgram?: App['runProgram'];
  /** Undefined: no program is looked up. */
  readonly programs?: ProgramFiles;
  /** Undefined: nothing listens. */
  readonly listen?: App['listen'];
}

/** The outside world as buffers and fakes, and a record of what the program did. */
export class FakeApp implements App {
  readonly stdin = new PassThrough();
  readonly stdout = new BufferStream();
  readonly stderr = new BufferStream();
  readonly signals = new FakeSignals();
  readonly self = ['/usr/bin/node', '/usr/lib/ecsh/bin/ecsh.js'];
  readonly remote: FakeRemote;
  readonly awsSettings: AwsSettings[] = [];
  readonly simulators: SimulatorSettings[] = [];
  readonly opened: string[] = [];
  /** The programs that were started in the background. */
  readonly background: (readonly string[])[] = [];
  stoppedSimulators = 0;
  readonly env: App['env'];
  readonly clock: App['clock'];
  readonly startedAt: number;
  readonly terminal: LocalTerminal | undefined;
  /** The files on the disk: content by path. */
  readonly disk: Map<string, string>;
  readonly #options: FakeAppOptions;

  constructor(options: FakeAppOptions = {}) {
    this.#options = options;
    this.env = options.env ?? {};
    this.terminal = options.terminal;
    this.disk = new Map(Object.entries(options.files ?? {}));
    this.remote = options.remote ?? new FakeRemote();
    this.clock = this.remote.clock;
    // Node.js needs this before it runs any code of ours.
    this.startedAt = this.clock.now() - 40;
  }

  prompts(): Prompts | undefined {
    return this.#options.prompts;
  }

  aws(settings: AwsSettings): AwsPorts {
    this.awsSettings.push({ ...settings, onSlow: undefined });
    const { inventory = fakeInventory(), admin, doctor = fakeDoctor(), ecs } = this.#options;
    return {
      ...this.remote.ports,
      ...(ecs === undefined ? {} : { ecs: async () => ecs }),
      inventory: async () => inventory,
      doctor,
      sessionLogs:
        this.#options.sessionLogs ??
        (() => Promise.reject(new Error('no session log is to be read'))),
      logEvents:
        this.#options.logEvents ?? (() => Promise.reject(new Error('no log is to be read'))),
      protection:
        this.#options.protection ?? (() => Promise.reject(new Error('nothing is to be protected'))),
      admin: admin ?? (() => Promise.reject(new Error('nothing is to be changed'))),
    };
  }

  async startSimulator(settings: SimulatorSettings) {
    this.simulators.push(settings);
    settings.log('listening');
    return {
      endpoint: 'http://127.0.0.1:4566',
      environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'us-east-1' },
      stop: async () => {
        this.stoppedSimulators += 1;
      },
    };
  }

  runProgram(
    argv: readonly string[],
    environment: Readonly<Record<string, string>>,
    abort?: AbortSignal,
  ) {
    const { runProgram } = this.#options;
    if (runProgram === undefined) throw new Error(`${argv.join(' ')} is not to be run`);
    return runProgram(argv, environment, abort);
  }

  sockets: App['sockets'] = {
    listen: () => Promise.reject(new Error('nothing is to be shared')),
    connect: () => Promise.resolve(undefined),
  };

  listen: App['listen'] = (...args) => {
    const { listen } = this.#options;
    if (listen === undefined) throw new Error('nothing is to be listened on');
    return listen(...args);
  };

  async runInBackground(argv: readonly string[]) {
    this.background.push(argv);
  }

  async programs(): Promise<ProgramFiles> {
    const { programs } = this.#options;
    if (programs === undefined) throw new Error('no programs are to be looked at');
    return programs;
  }

  hasUnreadInput(): boolean {
    return this.#options.hasUnreadInput ?? false;
  }

  async readFile(path: string) {
    const content = this.disk.get(path);
    if (content === undefined) throw new EcshError('file-unreadable', `Cannot read ${path}.`);
    return content;
  }

  copies(): Promise<LocalCopies> {
    const { copies } = this.#options;
    if (copies === undefined) throw new Error('nothing is to be copied');
    return Promise.resolve(copies);
  }

  readonly files = {
    read: async (path: string) => this.disk.get(path),
    write: async (path: string, text: string) => {
      this.disk.set(path, text);
    },
    readExact: async (path: string) => this.disk.get(path),
    writeExact: async (path: string, text: string) => void this.disk.set(path, text),
  };

  async appendTo(path: string): Promise<Writable> {
    this.opened.push(path);
    return this.#options.appendTo?.(path) ?? new BufferStream();
  }
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run of the program to its end. */
export async function run(argv: readonly string[], app = new FakeApp()): Promise<Outcome> {
  const status = await main(argv, app);
  return { status, stdout: app.stdout.text, stderr: app.stderr.text };
}

/** Runs the program, and ends it with a signal when everything that needs no time has happened. */
export async function runUntil(
  signal: EndSignal,
  argv: readonly string[],
  app = new FakeApp(),
): Promise<Outcome> {
  const running = run(argv, app);
  await settle();
  app.signals.send(signal);
  return running;
}
