import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import sea from 'node:sea';
import { EcshError } from '#domain/errors/errors.ts';

/**
 * The native part of node-pty. Its JavaScript part cannot be used here: it reads eagerly, discards unread output
 * 200 ms after the exit, and busy-waits if the program does not read its input.
 */
export interface PtyBinding {
  /** A pseudo-terminal with the kernel's initial modes; both descriptors leak into children. */
  open(cols: number, rows: number): { master: number; slave: number; pty: string };
  resize(fd: number, cols: number, rows: number): void;
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
}

export interface PtyLibrary {
  readonly binding: PtyBinding;
  /** macOS starts programs through a helper that ships with the binary package. */
  readonly helperPath: string;
}

let loaded: Promise<PtyLibrary> | undefined;

/**
 * Loads the optional dependency on first use.
 *
 * @throws EcshError `pty-missing` when it is not installed or does not support this platform.
 */
export function loadPtyLibrary(): Promise<PtyLibrary> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<PtyLibrary> {
  if (platform() === 'win32') {
    throw new EcshError('pty-missing', 'The simulator runs on Linux and macOS only.', {
      exitCode: 1,
    });
  }
  try {
    const { addon, helperPath, folder } = isSingleExecutable()
      ? await unpackAssets()
      : await findPackage();
    const binding: unknown = createRequire(addon)(addon);
    // The binding is loaded. Only the helper is still needed, each time a program starts.
    if (folder !== undefined && helperPath === '') await rm(folder, { recursive: true });
    if (!isPtyBinding(binding)) throw new TypeError('pty.node lacks open, resize or fork');
    return { binding, helperPath };
  } catch (cause) {
    throw new EcshError(
      'pty-missing',
      'The simulator needs the optional package @lydell/node-pty.',
      {
        hint: 'Install it where ecsh is:  npm install -g @lydell/node-pty  (without -g in a project)',
        exitCode: 1,
        cause,
      },
    );
  }
}

/** Absolute paths of the package's files for this platform. */
interface PtyFiles {
  readonly addon: string;
  readonly helperPath: string;
  /** Temporary folder that contains them. */
  readonly folder?: string;
}

async function findPackage(): Promise<PtyFiles> {
  await import('@lydell/node-pty');
  const here = createRequire(import.meta.url);
  const beside = createRequire(here.resolve('@lydell/node-pty'));
  const platformPackage = `@lydell/node-pty-${platform()}-${arch()}`;
  return {
    addon: beside.resolve(`${platformPackage}/pty.node`),
    helperPath: platform() === 'darwin' ? beside.resolve(`${platformPackage}/spawn-helper`) : '',
  };
}

/** Deno and Bun lack `node:sea`. */
function isSingleExecutable(): boolean {
  return sea?.isSea() ?? false;
}

/** A single executable contains the files, but native code can only be loaded from disk. */
async function unpackAssets(): Promise<PtyFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'ecsh-pty-'));
  const unpack = async (name: string) => {
    const path = join(folder, name);
    await writeFile(path, new Uint8Array(sea.getAsset(name)), { mode: 0o700 });
    return path;
  };
  return {
    folder,
    addon: await unpack('pty.node'),
    helperPath: platform() === 'darwin' ? await unpack('spawn-helper') : '',
  };
}

function isPtyBinding(value: unknown): value is PtyBinding {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['open', 'resize', 'fork'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
