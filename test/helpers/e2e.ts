import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertBuilt,
  ECSH,
  type Finished,
  isInstalled,
  Program,
  type ProgramOptions,
} from './program.ts';
import { Screen, type ScreenOptions } from './screen.ts';
import { imageEnvironment, SHELL_NAMES, type ShellName } from './shells.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

const PROMPT = '$> ';

/** Tests of a shell that this machine lacks are reported as skipped. */
export const hasShell: Readonly<Record<ShellName, boolean>> = {
  dash: isInstalled('dash', '-c', ':'),
  bash: isInstalled('bash', '-c', ':'),
  busybox: isInstalled('busybox', 'true'),
};

/** The real delays of the agent, except those that only make a test wait. */
export const QUICK = { outputDelayMs: 20, startFailureMs: 20 };

/** An environment with only the necessary variables, so that the user's settings have no effect. */
export function plainEnvironment(home: string): Readonly<Record<string, string>> {
  const { PATH = '' } = process.env;
  return { PATH, HOME: home, LANG: 'C.UTF-8', AWS_EC2_METADATA_DISABLED: 'true' };
}

/** One service per image: `app` has all programs of this machine. */
function labFleet(home: string): object {
  const shells = SHELL_NAMES.filter((name) => hasShell[name]);
  const services = shells.map((name) => {
    const { PATH } = imageEnvironment(name, []);
    return { name, containers: [{ name, path: PATH, env: { HOME: home, PS1: PROMPT } }] };
  });
  const others = [
    { name: 'app', containers: [{ name: 'app' }] },
    { name: 'three', count: 3, containers: [{ name: 'app' }] },
    { name: 'pending', containers: [{ name: 'app', agentStatus: 'PENDING' }] },
  ];
  return {
    timings: QUICK,
    sessionLimit: { perContainer: 100 },
    clusters: [{ name: 'lab', services: [...others, ...services] }],
  };
}

/**
 * The built program against its own simulator, which is also the built program: a separate process,
 * which a test can kill, and which does not share descriptors with the test's programs.
 */
export class Lab {
  /** All variables that a program needs to use the simulator. */
  readonly environment: Readonly<Record<string, string>>;
  /** A folder for files of the test. */
  readonly folder: string;
  readonly simulator: Program;
  readonly #programs: Program[] = [];
  readonly #screens: Screen[] = [];
  #isEnded = false;

  private constructor(
    simulator: Program,
    folder: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.simulator = simulator;
    this.folder = folder;
    this.environment = environment;
  }

  /** `fleet` is the content of a fleet file; 'default' is the built-in one. */
  static async start(fleet?: object | 'default'): Promise<Lab> {
    assertBuilt();
    const folder = temporaryFolder('e2e');
    const file = join(folder, 'fleet.json');
    writeFileSync(file, JSON.stringify(fleet ?? labFleet(folder)));
    const env = plainEnvironment(folder);
    const options = fleet === 'default' ? [] : ['--fleet', file];
    const simulator = new Program([...ECSH, 'simulate', ...options], { env });
    await simulator.untilOutput('AWS_DEFAULT_REGION');
    const exported = Object.fromEntries(
      Array.from(
        simulator.stdout.toString().matchAll(/^export (\w+)=(.*)$/gm),
        ([, name, value]) => [name ?? '', value ?? ''],
      ),
    );
    return new Lab(simulator, folder, { ...env, ...exported });
  }

  /** Starts `ecsh ARGS`. */
  start(args: readonly string[], options: Partial<ProgramOptions> = {}): Program {
    return this.startProgram([...ECSH, ...args], options);
  }

  /** Runs `ecsh ARGS` to its end. */
  run(args: readonly string[], options: Partial<ProgramOptions> = {}): Promise<Finished> {
    return this.start(args, options).finished;
  }

  /** Runs a script of sh in which `"$@"` is `ecsh ARGS`. */
  script(
    script: string,
    args: readonly string[],
    options: Partial<ProgramOptions> = {},
  ): Promise<Finished> {
    return this.startProgram(['sh', '-c', script, 'sh', ...ECSH, ...args], options).finished;
  }

  startProgram(words: readonly string[], options: Partial<ProgramOptions> = {}): Program {
    const program = new Program(words, { env: this.environment, ...options });
    this.#programs.push(program);
    return program;
  }

  /**
   * Runs `ecsh ARGS` on a terminal. The screen shows its process id before it starts and, when it has
   * ended, its status and whether it has restored the terminal's settings.
   */
  openTerminal(args: readonly string[], options: Partial<ScreenOptions> = {}): Promise<Screen> {
    return this.openScreen(['sh', '-c', WATCHED, 'sh', ...ECSH, ...args], options);
  }

  async openScreen(
    words: readonly string[],
    options: Partial<ScreenOptions> = {},
  ): Promise<Screen> {
    const env = { ...this.environment, TERM: 'xterm-256color' };
    const screen = await Screen.open(words, { env, ...options });
    this.#screens.push(screen);
    return screen;
  }

  /** Sends a request to `/_simulator/VERB`. */
  async control(verb: string, body: object = {}): Promise<unknown> {
    const url = `${this.environment.AWS_ENDPOINT_URL}/_simulator/${verb}`;
    const headers = { authorization: `Bearer ${this.environment.AWS_SECRET_ACCESS_KEY}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.json();
  }

  /** Ends the simulator before everything else. */
  endSimulator(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#isEnded = true;
    this.simulator.signal(signal);
  }

  /** Ends everything that was started here; fails if the simulator had ended on its own. */
  async stop(): Promise<void> {
    for (const screen of this.#screens) screen.close();
    for (const program of this.#programs) program.signal('SIGKILL');
    const isLost = !this.simulator.signal('SIGTERM') && !this.#isEnded;
    const { status, stderr } = await this.simulator.finished;
    await removeFolder(this.folder);
    if (isLost) throw new Error(`The simulator had ended with ${status}: ${stderr}`);
  }
}

const WATCHED = [
  'trap : INT; before=$(stty -g)',
  'sh -c \'echo "pid=$$"; exec "$@"\' sh "$@"; status=$?',
  'test "$before" = "$(stty -g)" && settings=kept || settings=changed',
  'echo "status=$status settings=$settings"',
].join('; ');
