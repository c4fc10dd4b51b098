import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { ECSH_TEST_EXECUTABLE: executable } = process.env;

/** The built program as an argument vector: with this Node.js, or the single executable if there is one. */
export const ECSH: readonly [string, ...string[]] =
  executable === undefined ? [process.execPath, join(ROOT, 'bin/ecsh.js')] : [executable];
/** Whether the single executable is tested. */
export const IS_EXECUTABLE = executable !== undefined;
export const DIST = join(ROOT, 'dist');

/** Fails with a hint if dist/ is older than src/. */
export function assertBuilt(): void {
  const built = join(DIST, 'cli.js');
  const isStale = !existsSync(built) || newest(join(ROOT, 'src')) > statSync(built).mtimeMs;
  if (isStale) throw new Error('dist/ is missing or older than src/: run  npm run build');
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((name) => statSync(join(folder, name)).mtimeMs));
}

/** Whether a program of this machine starts at all: a shim of a version manager may fail. */
export function isInstalled(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}

export interface Finished {
  /** The signal that ended the program. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Written to stdin through a pipe. Undefined: stdin is /dev/null. */
  readonly input?: string | Uint8Array;
  /** Leave the pipe open after `input`. */
  readonly keepsInputOpen?: boolean;
}

/** The time limit for expected output, in milliseconds. */
const OUTPUT_LIMIT_MS = 15_000;

/** A program of this machine that runs without a terminal, its streams collected. */
export class Program {
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcess;
  readonly #chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = {
    stdout: [],
    stderr: [],
  };
  #changed: () => void = () => undefined;

  constructor(words: readonly string[], options: ProgramOptions) {
    const [file = '', ...args] = words;
    const { env, input, keepsInputOpen = false } = options;
    const hasPipe = input !== undefined || keepsInputOpen;
    const child = spawn(file, args, { env, stdio: [hasPipe ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        this.#chunks[name].push(chunk);
        this.#changed();
      });
    }
    // A program may end without reading all of it.
    child.stdin?.on('error', () => undefined);
    if (input !== undefined) child.stdin?.write(input);
    if (!keepsInputOpen) child.stdin?.end();
    this.finished = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#changed();
        const { stdout, stderr } = this;
        resolve({
          status: code ?? signal ?? 'unknown',
          stdout: stdout.toString(),
          stderr: stderr.toString(),
        });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#chunks.stdout);
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#chunks.stderr);
  }

  /** Settles when the stream contains this text. */
  async untilOutput(text: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const deadline = Date.now() + OUTPUT_LIMIT_MS;
    while (!this[stream].includes(text)) {
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(`no ${JSON.stringify(text)} in: ${this.stdout}\nstderr: ${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        void setTimeout(left, undefined, { ref: false }).then(resolve);
      });
    }
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** False if it has already ended. */
  signal(name: NodeJS.Signals): boolean {
    return this.#child.kill(name);
  }
}

/** Running processes whose command line, joined by blanks, contains `marker`. */
function processesWith(marker: string): readonly { readonly pid: number; readonly line: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), line: commandLineOf(name) }))
    .filter(({ line }) => line.includes(marker));
}

function commandLineOf(pid: string): string {
  try {
    // The command line of a zombie is empty.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Settles with the id of a process that has `marker` in its command line. */
export async function untilRunning(marker: string): Promise<number> {
  const deadline = Date.now() + OUTPUT_LIMIT_MS;
  for (;;) {
    const [found] = processesWith(marker);
    if (found !== undefined) return found.pid;
    if (Date.now() > deadline) throw new Error(`not running: ${marker}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** The time limit for processes to end, in milliseconds: an ignored SIGTERM takes two seconds. */
const GONE_LIMIT_MS = 6_000;
const LOOK_EVERY_MS = 50;

/** Resolves when no process has `marker` in its command line; fails if some remain. */
export async function untilGone(marker: string): Promise<void> {
  const deadline = Date.now() + GONE_LIMIT_MS;
  for (let left = processesWith(marker); left.length > 0; left = processesWith(marker)) {
    if (Date.now() > deadline) {
      throw new Error(`still running:\n${left.map(({ line }) => line).join('\n')}`);
    }
    await setTimeout(LOOK_EVERY_MS);
  }
}

export const hasProc = existsSync('/proc/self/cmdline');

let markers = 0;

/** A command that sleeps longer than any test, and can be found among all processes. */
export function markedSleep(): readonly [string, string] {
  markers += 1;
  return ['sleep', `9${process.pid}${`${markers}`.padStart(3, '0')}`];
}
