import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { HealthCheck } from '#simulator/tasks/health-check.ts';
import type { ContainerSpace } from './container-space.ts';

export interface ProgramOptions {
  readonly words: readonly [string, ...string[]];
  readonly space: Promise<ContainerSpace>;
  readonly workdir: string;
  /** Called with each line of either stream, without its line ending. */
  readonly onLine: (line: string) => void;
  /** Kills leftover processes: a container ends with its first process. */
  readonly killRest: () => Promise<void>;
}

/** The first process of a container. */
export interface RunningProgram {
  /** Resolves with the exit code (128 + n for a signal) once all output has been read. */
  readonly exited: Promise<number>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** How long output may stay open after the program has ended, in milliseconds. */
const OUTPUT_GRACE_MS = 1_000;
/** Docker's exit code for a program that cannot be executed. */
const NOT_EXECUTED = 126;

/** Starts a container's own program, without a terminal and with an empty stdin. */
export function startContainerProgram(options: ProgramOptions): RunningProgram {
  let child: Child | undefined;
  let early: NodeJS.Signals | undefined;
  const run = async () => {
    try {
      child = await spawnProgram(options);
      if (early !== undefined) child.kill(early);
      return await untilEnd(child, options);
    } catch (error) {
      // On a full disk or with too many open files, only the container fails, not the simulator.
      options.onLine(error instanceof Error ? error.message : String(error));
      return NOT_EXECUTED;
    }
  };
  return {
    exited: run(),
    signal: (name) => {
      early = name;
      child?.kill(name);
    },
  };
}

async function spawnProgram({ words, space, workdir }: ProgramOptions): Promise<Child> {
  const { env, enter } = await space;
  const entered = enter(words, workdir);
  const [file, ...args] = entered.words;
  // The program gets its own session, so that Ctrl-C in the simulator's terminal does not reach it.
  return spawn(file, args, {
    cwd: entered.workdir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

async function untilEnd(child: Child, { onLine, killRest }: ProgramOptions): Promise<number> {
  const reading = Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(NOT_EXECUTED));
    child.once('exit', (status, signal) => {
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  await killRest();
  await Promise.race([reading, setTimeout(OUTPUT_GRACE_MS, undefined, { ref: false })]);
  return code;
}

/** Like Docker's awslogs driver, makes one event of each non-empty line. */
async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    if (line !== '') onLine(line);
  }
}

/** Runs the health check command once. A command that cannot be started counts as failed, as in Docker. */
export function passesHealthCheck(
  { words, timeoutMs }: HealthCheck,
  { env, enter }: ContainerSpace,
  workdir: string,
): Promise<boolean> {
  const entered = enter(words, workdir);
  const [file, ...args] = entered.words;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: entered.workdir,
      env,
      stdio: 'ignore',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.once('error', () => resolve(false));
    child.once('exit', (status) => resolve(status === 0));
  });
}
