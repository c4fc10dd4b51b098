import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';

type Own = Pick<NodeJS.Process, 'pid' | 'ppid' | 'platform'>;

/**
 * Whether this process may use its terminal: a background process group is suspended (SIGTTOU,
 * SIGTTIN) if it changes the mode of the terminal or reads from it.
 */
export function isForeground({ pid, platform }: Own): boolean {
  try {
    // Fields after the name in parentheses: state, ppid, pgrp, session, tty_nr, tpgid (proc(5)).
    const [, , group, , , foreground] = fieldsOf('/proc/self/stat');
    return group === foreground;
  } catch {
    return platform === 'win32' || hasForegroundState(pid);
  }
}

function fieldsOf(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Without /proc, uses ps, which marks the foreground process group with `+`. */
function hasForegroundState(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' });
    return state.includes('+');
  } catch {
    return true;
  }
}

/**
 * Whether our stdin has unread data: a file at its beginning, or a pipe with waiting bytes. A pipe that
 * we share with the program that started us belongs to that program, as in `list | while read …`. Linux
 * only: false elsewhere.
 *
 * It may consume a byte of the pipe, so call it only if nothing reads stdin any more.
 */
export function hasUnreadInput({ ppid }: Own): boolean {
  try {
    const stat = fstatSync(0);
    if (stat.isFile()) return stat.size > 0 && isAtBeginning();
    const isShared = readlinkSync('/proc/self/fd/0') === readlinkSync(`/proc/${ppid}/fd/0`);
    return stat.isFIFO() && !isShared && takesByte();
  } catch {
    return false;
  }
}

function isAtBeginning(): boolean {
  return /^pos:\s*0$/m.test(readFileSync('/proc/self/fdinfo/0', 'utf8'));
}

function takesByte(): boolean {
  // Its own description, so that only this read is non-blocking.
  const pipe = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readSync(pipe, new Uint8Array(1)) > 0;
  } finally {
    closeSync(pipe);
  }
}
