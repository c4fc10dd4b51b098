import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

export type ShellName = 'dash' | 'bash' | 'busybox';

/** The shells that containers have as `sh`. */
export const SHELLS: Readonly<Record<ShellName, readonly [string, ...string[]]>> = {
  dash: ['dash'],
  bash: ['bash', '--posix'],
  busybox: ['busybox', 'sh'],
};

const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/**
 * The environment of an image that has `shell` as its `sh` and lacks some programs: a PATH of one
 * folder of links. For busybox the tools are busybox's own as well.
 */
export function imageEnvironment(
  shell: ShellName,
  without: readonly string[],
): Readonly<Record<string, string>> {
  const folder = temporaryFolder('image');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const shellProgram = findProgram(SHELLS[shell][0]);
  symlinkSync(shellProgram, join(bin, 'sh'));
  for (const name of TOOLS) {
    if (without.includes(name)) continue;
    const program = shell === 'busybox' && hasApplet(name) ? shellProgram : findProgram(name);
    symlinkSync(program, join(bin, name));
  }
  symlinkSync(shellProgram, join(bin, SHELLS[shell][0]));
  return { PATH: bin, HOME: folder, LANG: 'C.UTF-8' };
}

/** What the tests run in a container, and what the envelope and a copy look for. */
const TOOLS = [
  ...['tar', 'gzip', 'mv', 'rm', 'chmod', 'chown', 'touch', 'stat', 'mkdir', 'readlink'],
  ...['dd', 'base64', 'od', 'stty', 'setsid', 'sleep', 'cat', 'head', 'tee', 'printf', 'pwd'],
  ...['true', 'false', 'ls', 'env', 'id', 'wc', 'seq', 'yes', 'sha256sum', 'cksum', 'tr'],
];

/** Debian's busybox lacks some that Alpine's has, cksum among them. */
function hasApplet(name: string): boolean {
  applets ??= execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n');
  return applets.includes(name);
}

let applets: readonly string[] | undefined;

function findProgram(name: string): string {
  for (const folder of PROGRAM_FOLDERS) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  throw new Error(`${name} is not on this machine: ${readdirSync('/usr/bin').length} others are`);
}
