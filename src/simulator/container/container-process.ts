import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { kill } from 'node:process';
import type { ContainerSpace } from './container-space.ts';
import { checkProgram, findProgram, forkFailure, type ProgramError } from './program-lookup.ts';
import { loadPtyLibrary, type PtyLibrary } from './pty-binding.ts';
import { hasErrorCode, PtyMaster } from './pty-master.ts';

export interface ContainerCommand {
  /** The argument vector. */
  readonly words: readonly [string, ...string[]];
  readonly space: ContainerSpace;
  readonly workdir: string;
  /** The machine's own PATH, to find `setsid`, not the container's. */
  readonly hostPath: string;
}

/** A program that runs on its own pseudo-terminal, as its session leader. */
export interface ContainerProcess {
  readonly pid: number;
  readonly terminal: PtyMaster;
  /** Resolves when this process has ended. */
  readonly exited: Promise<void>;
  /** Sends SIGKILL to this process only; its children run until the terminal hangs up (PROTOCOL 4.10). */
  kill(): void;
}

/**
 * The masters of all open terminals of this Node process. The binding leaves them inheritable, and a terminal
 * does not hang up while a child holds its master.
 */
const liveMasters = new Set<number>();

/**
 * Starts a command like the agent: looked up in the container's PATH, executed without a shell,
 * on a terminal of size 0x0 with the kernel's initial modes (PROTOCOL 8.3 to 8.5).
 *
 * @throws ProgramError when it cannot be started
 */
export async function startContainerProcess(command: ContainerCommand): Promise<ContainerProcess> {
  const library = await loadPtyLibrary();
  const { space, workdir } = command;
  const path = space.env.PATH ?? '';
  checkProgram(command.words[0], { path, workdir, hostPath: (file) => space.hostPath(file) });
  if (command.words.some((word) => word.includes('\0'))) {
    throw forkFailure(command.words[0], 'invalid argument');
  }
  const setsid = findProgram('setsid', command.hostPath);
  return setsid === undefined ? forkOnPty(command, library) : startOnPty(command, library, setsid);
}

/** `setsid --ctty` keeps the pid, and the terminal keeps the kernel's initial modes. */
async function startOnPty(
  command: ContainerCommand,
  { binding }: PtyLibrary,
  setsid: string,
): Promise<ContainerProcess> {
  const pty = binding.open(0, 0);
  liveMasters.add(pty.master);
  const terminal = new PtyMaster(pty.master, binding, () => liveMasters.delete(pty.master));
  // Open a new descriptor: it blocks, as programs expect, and other children do not inherit it.
  const slave = openSync(pty.pty, constants.O_RDWR | constants.O_NOCTTY);
  closeSync(pty.slave);
  const devNull = openSync('/dev/null', 'r+');
  try {
    const { words, workdir } = command.space.enter(command.words, command.workdir);
    const child = spawn(setsid, ['-c', '--', ...words], {
      cwd: workdir,
      env: command.space.env,
      stdio: childDescriptors(slave, devNull),
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid ?? 0));
      child.once('error', reject);
    });
    return { pid, terminal, exited, kill: () => void child.kill('SIGKILL') };
  } catch (error) {
    terminal.close();
    throw asProgramError(command.words[0], error);
  } finally {
    closeSync(slave);
    closeSync(devNull);
  }
}

/** Replaces every master with /dev/null: without fcntl, the only way to keep it from a child. */
function childDescriptors(slave: number, devNull: number): (number | 'ignore')[] {
  const length = Math.max(2, ...liveMasters) + 1;
  return Array.from({ length }, (_, fd) => {
    if (fd <= 2) return slave;
    return liveMasters.has(fd) ? devNull : 'ignore';
  });
}

/**
 * For systems without `setsid` (macOS): the binding forks, and sets its own terminal modes (IXANY, IMAXBEL, BRKINT
 * and end-of-line characters 0xff in addition to the kernel's).
 */
function forkOnPty(
  { words, space, workdir }: ContainerCommand,
  { binding, helperPath }: PtyLibrary,
): ContainerProcess {
  const entered = space.enter(words, workdir);
  const [file, ...args] = entered.words;
  const pairs = Object.entries(space.env).map(([name, value]) => `${name}=${value}`);
  let onExit: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => {
    onExit = resolve;
  });
  const child = binding.fork(
    file,
    args,
    pairs,
    entered.workdir,
    0,
    0,
    -1,
    -1,
    false,
    helperPath,
    onExit,
  );
  liveMasters.add(child.fd);
  const terminal = new PtyMaster(child.fd, binding, () => liveMasters.delete(child.fd));
  return { pid: child.pid, terminal, exited, kill: () => killQuietly(child.pid) };
}

/** Kills a process that may have ended already. */
export function killQuietly(pid: number): void {
  try {
    kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: the process has already ended.
  }
}

function asProgramError(name: string, error: unknown): ProgramError {
  if (hasErrorCode(error, 'E2BIG')) return forkFailure(name, 'argument list too long');
  if (hasErrorCode(error, 'ENOENT')) return forkFailure(name, 'no such file or directory');
  return forkFailure(name, error instanceof Error ? error.message : String(error));
}
