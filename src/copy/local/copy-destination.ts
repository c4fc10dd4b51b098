import type { Stats } from 'node:fs';
import {
  access,
  chmod,
  chown,
  copyFile,
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  realpath,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  copyDamaged,
  destinationIsDirectory,
  destinationMissing,
  destinationNotDirectory,
  destinationUnwritable,
} from '#copy/copy-errors.ts';
import type {
  Bytes,
  CopyListener,
  Draft,
  FileAttributes,
  LocalDestination,
} from '#copy/local-copies.ts';
import { mergeTree } from './merge-tree.ts';
import { bytesOf, rawOf } from './raw-path.ts';
import { codeOf, reasonOf } from './reason.ts';
import { isBrokenArchive, type UnpackedDirectory, unpackTree } from './tar-unpack.ts';

/** As cp(1) takes a destination: a directory that things are put into, or a new name. */
export async function openDestination(
  path: string,
  name: string,
  isRecursive: boolean,
): Promise<LocalDestination> {
  const final = path.replace(/(?<=.)[/\\]+$/, '');
  const there = await statOf(final);
  if (there?.isDirectory()) {
    return new Destination(name === '' ? final : `${final.replace(/\/$/, '')}/${name}`);
  }
  const isNamedDirectory = final !== path;
  if (isNamedDirectory && there !== undefined) throw destinationNotDirectory(path);
  if (isNamedDirectory && !isRecursive) throw destinationMissing(path);
  const folder = await statOf(dirname(final));
  if (!folder?.isDirectory()) throw destinationMissing(path.replace(/\/\.$/, ''));
  return new Destination(isNamedDirectory ? `${final}/` : final);
}

class Destination implements LocalDestination {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async writeFile(content: Bytes, attributes: FileAttributes): Promise<Draft> {
    const path = this.#path;
    // No file is to be called that.
    if (path.endsWith('/')) throw destinationMissing(path);
    const there = await statOf(path);
    if (there?.isDirectory()) throw destinationIsDirectory(path);
    return told(path, async () => {
      // A device, say: what is written to it is there.
      if (there !== undefined && !there.isFile()) {
        await fill(await open(path, 'w'), content);
        return { path, commit: async () => undefined, discard: async () => undefined };
      }
      return draftFile(path, there, content, attributes);
    });
  }

  async writeTree(archive: Bytes, listener: CopyListener): Promise<Draft> {
    const path = this.#path;
    const there = await statOf(path);
    if (there !== undefined && !there.isDirectory()) throw destinationNotDirectory(path);
    return told(path, async () => {
      // On the file system that it goes to.
      const stage = await mkdtemp(`${there === undefined ? dirname(path) : path}/.ecsh-`);
      const discard = () => rm(stage, { recursive: true, force: true });
      try {
        await mkdir(`${stage}/tree`, 0o700);
        const tree = rawOf(`${stage}/tree`);
        const directories = await unpackTree(tree, archive, listener);
        const commit = async () => {
          if (there === undefined) await rename(`${stage}/tree`, path);
          else await mergeTree({ from: tree, to: rawOf(path), onSkip: listener.onSkip });
          await setAttributes(rawOf(path), await movedFrom(tree, directories));
          await discard();
        };
        return { path, commit: () => told(path, commit), discard };
      } catch (error) {
        await discard();
        throw error;
      }
    });
  }
}

/** The content beside the name that it gets; through a link, to what it points to. */
async function draftFile(
  path: string,
  there: Stats | undefined,
  content: Bytes,
  { mode, modifiedAt }: FileAttributes,
): Promise<Draft> {
  const final = there === undefined ? path : await realpath(path);
  const temporary = `${dirname(final)}/.ecsh-${crypto.randomUUID()}`;
  const discard = () => rm(temporary, { force: true });
  const file = await open(temporary, 'wx', mode === undefined ? 0o666 : 0o600);
  try {
    await fill(file, content);
    const time = modifiedAt === undefined ? new Date() : new Date(modifiedAt * 1000);
    await utimes(temporary, time, time);
    await permit(temporary, there, mode);
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async () => {
    try {
      await rename(temporary, final);
    } catch (error) {
      // A mounted file cannot be replaced, but written.
      if (codeOf(error) !== 'EBUSY') throw error;
      await copyFile(temporary, final);
      await discard();
    }
  };
  return { path, commit: () => told(path, commit), discard };
}

async function fill(file: FileHandle, content: Bytes): Promise<void> {
  try {
    for await (const chunk of content) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/** A file that is there keeps its mode, and where we may give it away its owner, as with cp(1). */
async function permit(path: string, there: Stats | undefined, mode: number | undefined) {
  if (there !== undefined) {
    await chown(path, there.uid, there.gid).catch(() => undefined);
  }
  const permissions = there === undefined ? mode : there.mode & 0o777;
  if (permissions !== undefined) await chmod(path, permissions);
}

/** Without those that were there before, or whose name there may be a link that leads anywhere. */
async function movedFrom(
  stage: string,
  directories: readonly UnpackedDirectory[],
): Promise<readonly UnpackedDirectory[]> {
  const moved: UnpackedDirectory[] = [];
  for (const directory of directories) {
    const isThere = await access(bytesOf(`${stage}/${directory.name}`)).then(
      () => true,
      (error) => codeOf(error) !== 'ENOENT',
    );
    if (!isThere) moved.push(directory);
  }
  return moved;
}

/** From the innermost out: a directory may not let us in any more, and its content sets its time. */
async function setAttributes(
  root: string,
  directories: readonly UnpackedDirectory[],
): Promise<void> {
  for (const { name, mode, modifiedAt } of directories.toReversed()) {
    const path = bytesOf(`${root}/${name}`);
    await utimes(path, modifiedAt, modifiedAt).catch(() => undefined);
    await chmod(path, mode).catch(() => undefined);
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw destinationUnwritable(path, reasonOf(error));
  }
}

/** Tells failures of the system and of zlib as what they are for a copy. */
async function told<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw destinationUnwritable(path, reasonOf(error));
    }
    if (codeOf(error)?.startsWith('Z_') || isBrokenArchive(error)) throw copyDamaged(path);
    throw error;
  }
}
