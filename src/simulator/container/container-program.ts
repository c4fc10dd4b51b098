import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { checkProgram } from './program-lookup.ts';

export interface ProgramOptions {
  readonly words: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  /** Each line that the program writes, of either stream, without its end. */
  readonly onLine: (line: string) => void;
  /** Ends what the program has left behind: a container ends with its first process. */
  readonly killRest: () => Promise<void>;
}

/** The first process of a container. */
export interface RunningProgram {
  /** Settles with the exit code, 128 + n for a signal, once all output has been read. */
  readonly exited: Promise<number>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** How long output may stay open after the program has ended, in milliseconds. */
const OUTPUT_GRACE_MS = 1_000;

/**
 * Starts a container's own program, without a terminal and with an empty stdin.
 *
 * @throws ProgramError when it cannot be started
 */
export function startContainerProgram(options: ProgramOptions): RunningProgram {
  const { words, env, workdir, onLine, killRest } = options;
  const [file, ...args] = words;
  checkProgram(file, { path: env.PATH ?? '', workdir });
  // A session of its own: a Ctrl-C in the simulator's terminal is not for the container.
  const child = spawn(file, args, {
    cwd: workdir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const reading = Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  const ended = exitCodeOf(child);
  const exited = ended.then(async (code) => {
    await killRest();
    await Promise.race([reading, setTimeout(OUTPUT_GRACE_MS, undefined, { ref: false })]);
    return code;
  });
  return { exited, signal: (name) => void child.kill(name) };
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    // Docker's status for a program that cannot be executed.
    child.once('error', () => resolve(126));
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** The awslogs driver of Docker makes one event of each line, and none of an empty one. */
async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: 0 })) {
    if (line !== '') onLine(line);
  }
}
