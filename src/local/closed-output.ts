import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';

type Own = Pick<NodeJS.Process, 'ppid' | 'platform'>;

const STDOUT = 1;
const NOWHERE = '/dev/null';
const SHELL = /^(?:ba|da|a|z|fi|ya|k|mk)?sh(?:93)?$|^busybox$/;

/**
 * Makes writes to stdout fail (EBADF) if a shell has started us without one (`>&-`), instead of
 * losing the output with status 0. Call it before anything uses stdout. Linux only.
 *
 * Node.js replaces a missing stdout by /dev/null, opened for reading and writing (PlatformInit in
 * src/node.cc). Python's DEVNULL looks the same, but is intended. A shell opens it only for writing
 * (`>/dev/null`). So stdout was missing only if the shell has none either. If the shell has replaced
 * itself by us (`exec`), this is unknown, and the output is lost.
 */
export function refuseMissingStdout({ ppid, platform }: Own): void {
  if (platform !== 'linux' || !wasMissing(ppid)) return;
  closeSync(STDOUT);
  // Takes the lowest free number, which is that of stdout.
  openSync(NOWHERE, 'r');
}

function wasMissing(ppid: number): boolean {
  try {
    return isStandIn('self') && isShell(ppid) && !isStandIn(`${ppid}`);
  } catch {
    return false;
  }
}

/** Whether the process has /dev/null as stdout, open for reading and writing. */
function isStandIn(process: string): boolean {
  try {
    if (readlinkSync(`/proc/${process}/fd/${STDOUT}`) !== NOWHERE) return false;
    const flags = /^flags:\s*\d*(\d)$/m.exec(
      readFileSync(`/proc/${process}/fdinfo/${STDOUT}`, 'utf8'),
    );
    // The last octal digit is the access mode: O_RDWR is 2.
    return flags?.[1] === '2';
  } catch (error) {
    // ENOENT: the shell has no stdout either.
    if (process !== 'self') return false;
    throw error;
  }
}

function isShell(pid: number): boolean {
  return SHELL.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
}
