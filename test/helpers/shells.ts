import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { IS_FULL_RUN } from './rounds.ts';
import { temporaryFolder } from './temporary.ts';

export type ShellName = 'dash' | 'bash' | 'busybox';
/** Less common as `sh` of an image, and not on every machine. */
export type OddShell = 'mksh' | 'ksh93' | 'posh' | 'zsh';
export type AnyShell = ShellName | OddShell;

const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/**
 * The shells that tests use as `sh` of an image: those of Debian and Alpine, and in CI bash as well. Tests of the
 * scripts that run in a container use ODD_SHELLS besides.
 */
export const SHELL_NAMES: readonly ShellName[] = IS_FULL_RUN
  ? ['dash', 'bash', 'busybox']
  : ['dash', 'busybox'];
/** Those of SHELL_NAMES that this machine has. */
export const COMMON_SHELLS = SHELL_NAMES.filter(hasProgram);
export const ODD_SHELLS: readonly OddShell[] = IS_FULL_RUN ? ['mksh', 'ksh93', 'posh', 'zsh'] : [];

/** How each one is started as the image's `sh`. */
export const SHELLS: Readonly<Record<AnyShell, readonly [string, ...string[]]>> = {
  dash: ['dash'],
  bash: ['bash', '--posix'],
  busybox: ['busybox', 'sh'],
  mksh: ['sh'],
  ksh93: ['sh'],
  posh: ['sh'],
  zsh: ['sh'],
};

/**
 * The environment of an image that has `shell` as its `sh` and lacks some programs: a PATH with one
 * folder of links. With busybox, the tools are busybox's own as well.
 */
export function imageEnvironment(
  shell: AnyShell,
  without: readonly string[],
): Readonly<Record<string, string>> {
  const folder = temporaryFolder('image');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const shellProgram = findProgram(shell);
  symlinkSync(shellProgram, join(bin, 'sh'));
  for (const name of TOOLS) {
    if (without.includes(name) || (name === 'busybox' && !hasProgram(name))) continue;
    const program = shell === 'busybox' && hasApplet(name) ? shellProgram : findProgram(name);
    symlinkSync(program, join(bin, name));
  }
  if (!TOOLS.includes(shell)) symlinkSync(shellProgram, join(bin, shell));
  return { PATH: bin, HOME: folder, LANG: 'C.UTF-8' };
}

/** The programs that tests run in a container (from BusyBox if this machine has it), and those that the envelope and a copy need. */
const TOOLS = [
  ...['tar', 'gzip', 'mv', 'rm', 'chmod', 'chown', 'touch', 'stat', 'mkdir', 'readlink'],
  ...['ln', 'rmdir'],
  ...['dd', 'base64', 'od', 'stty', 'setsid', 'sleep', 'cat', 'head', 'tee', 'printf', 'pwd'],
  ...[
    'true',
    'false',
    'ls',
    'env',
    'id',
    'wc',
    'seq',
    'yes',
    'sha256sum',
    'cksum',
    'tr',
    'busybox',
    'kill',
  ],
];

/** Debian's busybox lacks some programs of Alpine's, for example cksum. */
function hasApplet(name: string): boolean {
  applets ??= execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n');
  return applets.includes(name);
}

let applets: readonly string[] | undefined;

/** Whether this machine has the program, for tests that are skipped without it. */
export function hasProgram(name: string): boolean {
  return programPath(name) !== undefined;
}

function programPath(name: string): string | undefined {
  return PROGRAM_FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function findProgram(name: string): string {
  const path = programPath(name);
  if (path !== undefined) return path;
  throw new Error(`${name} is not on this machine: ${readdirSync('/usr/bin').length} others are`);
}
