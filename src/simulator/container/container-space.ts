import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import { type ContainerHost, environmentOf } from './container-settings.ts';
import { findProgram } from './program-lookup.ts';

/** A command line that runs another command in a container. */
export interface EnteredCommand {
  readonly words: readonly [string, ...string[]];
  readonly workdir: string;
}

/** The file system of a container's processes: this machine's, or one with additional directories of its own. */
export interface ContainerSpace {
  readonly env: Readonly<Record<string, string>>;
  enter(words: readonly [string, ...string[]], workdir: string): EnteredCommand;
  /** The path on this machine for a path in the container. */
  hostPath(path: string): string;
}

/** Directories of this machine that containers do not need to see. */
const HIDDEN = ['boot', 'lost+found', 'media', 'mnt', 'srv'];
/** Directories that every container with files of its own has. */
const USUAL_DIRECTORIES = ['/root', '/app', '/var/log'];
/** Mounts the container's directories in a mount namespace, and keeps it alive until stdin ends. */
const HOLDER = `PATH=$PATH:/usr/sbin:/sbin
mount -a -T "$1/fstab" || exit 1
hostname "$2" 2>/dev/null
exec chroot "$1/root" /bin/sh -c 'echo ready; exec cat'`;
const ENTER = 'cd "$1" && shift && exec "$@"';

/** The spaces of all containers, each created on first use. */
export class ContainerSpaces {
  readonly #host: ContainerHost;
  readonly #spaces = new Map<string, Promise<ContainerSpace>>();
  #folder: Promise<string> | undefined;

  constructor(host: ContainerHost) {
    this.#host = host;
  }

  of(task: FleetTask, container: FleetContainer): Promise<ContainerSpace> {
    const known = this.#spaces.get(container.runtimeId);
    if (known !== undefined) return known;
    const space =
      container.files === undefined
        ? Promise.resolve(plainSpace(environmentOf(task, container, this.#host)))
        : this.#make(task, container, container.files);
    this.#spaces.set(container.runtimeId, space);
    return space;
  }

  /** Whether a process has run in the container. */
  isUsed({ runtimeId }: FleetContainer): boolean {
    return this.#spaces.has(runtimeId);
  }

  /** Removes all files. Call it after all processes have ended. */
  async remove(): Promise<void> {
    if (this.#folder === undefined) return;
    await rm(await this.#folder, { recursive: true, force: true });
  }

  async #make(
    task: FleetTask,
    container: FleetContainer,
    files: Readonly<Record<string, string>>,
  ): Promise<ContainerSpace> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'ecsh-simulate-'));
    const folder = join(await this.#folder, container.runtimeId);
    const name = hostNameOf(task);
    const own = ownDirectories(files);
    const prompt = `PS1='root@${name}:\\w\\$ '\n`;
    await writeFiles(join(folder, 'files'), own, { '/root/.bashrc': prompt, ...files });
    const env = { ...environmentOf(task, container, this.#host), HOME: '/root' };
    const holder = await startHolder({ folder, own, name, env, host: this.#host });
    if (holder === undefined) return folderSpace(env, { folder, own, name });
    const hostPath = pathFinder(join(folder, 'files'), own);
    return {
      env: { ...env, PS1: `root@${name}:\${PWD}# ` },
      enter: (words, workdir) => ({
        words: [...holder, '/bin/sh', '-c', ENTER, 'sh', workdir, ...words],
        workdir: '/',
      }),
      hostPath,
    };
  }
}

/** A space that is this machine, unchanged. */
export function plainSpace(env: Readonly<Record<string, string>>): ContainerSpace {
  return {
    env,
    enter: (words, workdir) => ({ words, workdir }),
    hostPath: (path) => path,
  };
}

interface OwnFiles {
  readonly folder: string;
  readonly own: readonly string[];
  readonly name: string;
}

/**
 * The fallback if mount namespaces are not available (macOS, some containers): the files are in a folder,
 * and commands see the real paths. The prompt hides the folder.
 */
function folderSpace(
  env: Readonly<Record<string, string>>,
  { folder, own, name }: OwnFiles,
): ContainerSpace {
  const files = join(folder, 'files');
  const hostPath = pathFinder(files, own);
  return {
    env: { ...env, HOME: hostPath('/root'), PS1: `root@${name}:\${PWD#${files}}# ` },
    enter: ([program, ...args], workdir) => ({
      words: [hostPath(program), ...args],
      workdir: hostPath(workdir),
    }),
    hostPath,
  };
}

function pathFinder(files: string, own: readonly string[]): (path: string) => string {
  return (path) => {
    const isOwn = own.some((directory) => path === directory || path.startsWith(`${directory}/`));
    return isOwn ? join(files, path) : path;
  };
}

/** The name of the service or family, and the start of the task ID. */
function hostNameOf({ group, family, id }: FleetTask): string {
  const name = group.startsWith('service:') ? group.slice('service:'.length) : family;
  return `${name}-${id.slice(0, 8)}`;
}

/** The directories to create: `/app` for `/app/public/index.html`, `/var/log` for `/var/log/access.log`. */
function ownDirectories(files: Readonly<Record<string, string>>): readonly string[] {
  const named = Object.keys(files).map((path) => {
    const parts = path.split('/').slice(1, path.startsWith('/var/') ? 3 : 2);
    return `/${parts.join('/')}`;
  });
  return [...new Set([...USUAL_DIRECTORIES, ...named])];
}

async function writeFiles(
  folder: string,
  own: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const directory of own) await mkdir(join(folder, directory), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // Scripts are executable, as in an image.
    await writeFile(join(folder, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
}

interface HolderOptions extends OwnFiles {
  readonly env: Readonly<Record<string, string>>;
  readonly host: ContainerHost;
}

/** Creates the container's namespaces. @returns the words before a command that enters them; undefined without them */
async function startHolder(
  options: HolderOptions,
): Promise<readonly [string, ...string[]] | undefined> {
  const { folder, own, name, env, host } = options;
  const path = host.hostEnv.PATH ?? '';
  const [unshare, nsenter] = [findProgram('unshare', path), findProgram('nsenter', path)];
  if (unshare === undefined || nsenter === undefined) return undefined;
  await prepareRoot(folder, own);
  const isRoot = getuid?.() === 0;
  const flags = isRoot ? ['-m', '-u'] : ['-r', '-m', '-u'];
  const child = spawn(unshare, [...flags, '/bin/sh', '-c', HOLDER, 'sh', folder, name], {
    env: { ...env, PATH: path },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  // Ignore an error from writing to a holder that has ended.
  child.stdin.on('error', () => undefined);
  const isReady = await new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true));
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
  });
  if (!isReady || child.pid === undefined) return undefined;
  const target = ['-t', String(child.pid), '-m', '-u', '-r', '-w'];
  return [nsenter, ...target, ...(isRoot ? [] : ['-U', '--preserve-credentials']), '--'];
}

/** Creates a mount point for every directory in `/`, and the fstab for them. */
async function prepareRoot(folder: string, own: readonly string[]): Promise<void> {
  const root = join(folder, 'root');
  const lines: string[] = [];
  await mkdir(root, { recursive: true });
  for (const entry of await readdir('/', { withFileTypes: true })) {
    const target = join(root, entry.name);
    if (entry.isSymbolicLink()) await symlink(await readlink(join('/', entry.name)), target);
    if (!entry.isDirectory() || HIDDEN.includes(entry.name) || /\s/.test(entry.name)) continue;
    await mkdir(target);
    lines.push(`/${entry.name} ${target} none rbind 0 0`);
  }
  for (const directory of own) {
    // A deeper mount point is inside a directory of this machine, and has to exist there.
    if (directory.lastIndexOf('/') === 0) await mkdir(join(root, directory), { recursive: true });
    lines.push(`${join(folder, 'files', directory)} ${join(root, directory)} none bind 0 0`);
  }
  await writeFile(join(folder, 'fstab'), `${lines.join('\n')}\n`);
}
