import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { resolve } from 'node:path';

/** A program cannot be started; the message is what Go reports for it (PROTOCOL 4.9). */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

export interface ProgramSearch {
  readonly path: string;
  readonly workdir: string;
  /** Maps a path of the container to a path on this machine. */
  readonly hostPath: (path: string) => string;
}

/**
 * Checks what the kernel would reject, because the program that opens the pseudo-terminal would report it
 * differently.
 *
 * @throws ProgramError
 */
export function checkProgram(name: string, search: ProgramSearch): void {
  const file = name.includes('/')
    ? search.hostPath(resolve(search.workdir, name))
    : findInPath(name, search);
  const isMissing = !existsSync(file);
  if (isMissing) throw forkFailure(name, 'no such file or directory');
  if (!isExecutable(file)) throw forkFailure(name, 'permission denied');
  checkFormat(name, file);
}

export function forkFailure(name: string, reason: string): ProgramError {
  return new ProgramError(`fork/exec ${name}: ${reason}`);
}

/** Finds a program of this machine by name; undefined if it is not on PATH. */
export function findProgram(name: string, path: string): string | undefined {
  const directories = path.split(':').filter((directory) => directory !== '');
  return directories.map((directory) => resolve(directory, name)).find(isExecutable);
}

function findInPath(name: string, { path, workdir, hostPath }: ProgramSearch): string {
  for (const directory of path.split(':')) {
    if (directory === '') continue;
    const file = hostPath(resolve(workdir, directory, name));
    if (isExecutable(file)) return file;
  }
  throw new ProgramError(`exec: "${name}": executable file not found in $PATH`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    const status = statSync(file);
    // Root passes the access check even if no execute bit is set.
    return status.isFile() && (status.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** A script needs a `#!` line, because the agent executes it directly, without a shell as a fallback. */
function checkFormat(name: string, file: string): void {
  const head = readHead(file);
  if (head === undefined) return;
  if (head.subarray(0, 2).toString('latin1') === '#!') {
    const interpreter = /^#!\s*(\S+)/.exec(head.toString('latin1'))?.[1];
    if (interpreter === undefined || existsSync(interpreter)) return;
    throw forkFailure(name, 'no such file or directory');
  }
  if (!isBinary(head)) throw forkFailure(name, 'exec format error');
}

/** ELF, or one of the Mach-O magic numbers. */
function isBinary(head: Buffer): boolean {
  const magic = head.subarray(0, 4).toString('hex');
  return ['7f454c46', 'cffaedfe', 'cafebabe', 'cefaedfe'].includes(magic);
}

function readHead(file: string): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const head = Buffer.alloc(256);
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}
