import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import {
  copyDamaged,
  destinationIsDirectory,
  destinationIsLink,
  destinationMissing,
  destinationNotDirectory,
  destinationUnwritable,
} from '#copy/copy-errors.ts';
import type {
  Bytes,
  CopyListener,
  DestinationRequest,
  FileAttributes,
  LocalDestination,
  StagedFile,
} from '#copy/local-copies.ts';
import { bytesOf, folderOf, rawOf, shownPath } from './raw-path.ts';
import { codeOf, systemReason } from './reason.ts';
import { stageFile, writeSpecial } from './staged-file.ts';
import { stageTree } from './staged-tree.ts';
import type { CopyEnvironment, WriteOptions } from './staging.ts';
import { isBrokenArchive } from './tar-unpack.ts';

/** Resolves a destination like cp(1): a directory to copy into, or a new name. */
export async function openDestination(
  environment: CopyEnvironment,
  { path, name, isRecursive, preserves }: DestinationRequest,
): Promise<LocalDestination> {
  const raw = rawOf(path);
  const final = raw.replace(/(?<=.)[/\\]+$/, '');
  const write = { ...environment, umask: preserves ? 0 : environment.umask, preserves };
  const existing = await statOf(final);
  if (existing?.isDirectory()) {
    if (name === '') return new Destination(write, final, true);
    return new Destination(write, `${final.replace(/\/$/, '')}/${rawOf(name)}`, false);
  }
  const isNamedDirectory = final !== raw;
  if (isNamedDirectory && existing !== undefined) throw destinationNotDirectory(shownPath(raw));
  if (isNamedDirectory && !isRecursive) throw destinationMissing(shownPath(raw));
  const folder = await statOf(folderOf(final));
  if (!folder?.isDirectory()) throw destinationMissing(shownPath(raw).replace(/\/\.$/, ''));
  return new Destination(write, isNamedDirectory ? `${final}/` : final, true);
}

class Destination implements LocalDestination {
  readonly #options: WriteOptions;
  readonly #raw: string;
  /** Whether the user typed this path, not only its directory: then a link there is meant to be followed. */
  readonly #isTyped: boolean;

  constructor(options: WriteOptions, raw: string, isTyped: boolean) {
    this.#options = options;
    this.#raw = raw;
    this.#isTyped = isTyped;
  }

  async writeFile(
    content: Bytes,
    attributes: FileAttributes,
    cancelled?: AbortSignal,
  ): Promise<StagedFile> {
    const raw = this.#raw;
    // A name that ends with a slash must be a directory.
    if (raw.endsWith('/')) throw destinationMissing(shownPath(raw));
    const existing = await statOf(raw, this.#isTyped);
    if (existing?.isDirectory()) throw destinationIsDirectory(shownPath(raw));
    return withCopyErrors(raw, async () => {
      if (existing !== undefined && !existing.isFile() && !existing.isSymbolicLink()) {
        return writeSpecial(raw, existing, content, cancelled);
      }
      const staged = await stageFile(this.#options, { raw, existing, content, attributes });
      return { ...staged, commit: () => withCopyErrors(raw, staged.commit) };
    });
  }

  async writeTree(archive: Bytes, listener: CopyListener): Promise<StagedFile> {
    const raw = this.#raw;
    const existing = await statOf(raw, this.#isTyped);
    if (existing?.isSymbolicLink()) throw destinationIsLink(shownPath(raw));
    if (existing !== undefined && !existing.isDirectory()) {
      throw destinationNotDirectory(shownPath(raw));
    }
    return withCopyErrors(raw, async () => {
      const request = { raw, exists: existing !== undefined, archive, listener };
      const staged = await stageTree(this.#options, request);
      return { ...staged, commit: () => withCopyErrors(raw, staged.commit) };
    });
  }
}

/** @returns undefined if it does not exist */
async function statOf(raw: string, followsLink = true): Promise<Stats | undefined> {
  try {
    return await (followsLink ? stat : lstat)(bytesOf(raw));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw destinationUnwritable(shownPath(raw), systemReason(error));
  }
}

/** Converts failures of the system and of zlib to errors of a copy. */
async function withCopyErrors<T>(raw: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw destinationUnwritable(shownPath(raw), systemReason(error));
    }
    if (codeOf(error)?.startsWith('Z_') || isBrokenArchive(error)) {
      throw copyDamaged(shownPath(raw));
    }
    throw error;
  }
}
