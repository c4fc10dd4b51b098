import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fetchPackage } from '../../build/executables/packages.js';
import { NODE_VERSION, TARGETS } from '../../build/executables/targets.js';

export interface Ran {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface WineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** Messages of wine, not of the program. */
const WINE_NOTICE = /^.*(?:XDG_RUNTIME_DIR|wine: ).*\r?\n/gm;

/** Programs for Windows, run by wine with its own Windows folder. */
export class Wine {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #program: readonly string[];
  #runs = 0;

  /**
   * @param env the variables of the Linux side: PATH, and the address of AWS
   * @param program and its first arguments; Node.js with the built ecsh by default
   */
  constructor(
    folder: string,
    env: Readonly<Record<string, string>>,
    program: readonly string[] = [NODE, onWindows(resolve('bin/ecsh.js'))],
  ) {
    this.#folder = folder;
    this.#program = program;
    mkdirSync(join(folder, 'prefix'), { recursive: true });
    this.#env = { ...env, WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all', HOME: folder };
  }

  /** Runs `ecsh WORDS`. Streams are files: with a Unix pipe as stdout Node.js for Windows fails. */
  start(words: readonly string[], { env = {}, input = '' }: WineOptions = {}) {
    this.#runs += 1;
    const path = (name: string) => join(this.#folder, `${name}-${this.#runs}`);
    writeFileSync(path('stdin'), input);
    const files = [
      openSync(path('stdin'), 'r'),
      openSync(path('stdout'), 'w'),
      openSync(path('stderr'), 'w'),
    ];
    const child = spawn('wine', [...this.#program, ...words], {
      env: { ...this.#env, ...env },
      stdio: files,
    });
    for (const file of files) closeSync(file);
    const finished = new Promise<Ran>((done, reject) => {
      child.once('error', reject);
      child.once('close', (status) =>
        done({
          status: status ?? 255,
          stdout: readFileSync(path('stdout')),
          stderr: readFileSync(path('stderr'), 'utf8').replaceAll(WINE_NOTICE, ''),
        }),
      );
    });
    return { finished, child, stdout: () => readFileSync(path('stdout'), 'utf8') };
  }

  run(words: readonly string[], options: WineOptions = {}): Promise<Ran> {
    return this.start(words, options).finished;
  }
}

/** Returns the Windows path of a file on this machine. */
export function onWindows(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

const NODE = nodeForWindows();

function nodeForWindows(): string {
  const target = TARGETS.find(({ name }) => name === 'win32-x64');
  if (target === undefined) throw new Error('there is no target for Windows');
  const folder = resolve('node_modules/.cache/executables');
  const { nodePackage: name, integrity, nodePath } = target;
  return join(fetchPackage({ name, version: NODE_VERSION, integrity, folder }), nodePath);
}
