import { access, chmod, mkdir, rename, rm, utimes } from 'node:fs/promises';
import type { Bytes, CopyListener, StagedFile } from '#copy/local-copies.ts';
import { mergeTree } from './merge-tree.ts';
import { bytesOf, folderOf } from './raw-path.ts';
import { codeOf } from './reason.ts';
import { forgetStaging, removeLeftovers, stagingName, type WriteOptions } from './staging.ts';
import { type UnpackedDirectory, unpackTree } from './tar-unpack.ts';

export interface TreeRequest {
  readonly raw: string;
  /** Whether it is merged into an existing directory. */
  readonly exists: boolean;
  readonly archive: Bytes;
  readonly listener: CopyListener;
}

/** Unpacks an archive on the destination's file system: inside the existing directory, or next to the new one. */
export async function stageTree(
  options: WriteOptions,
  { raw, exists, archive, listener }: TreeRequest,
): Promise<StagedFile> {
  const folder = exists ? raw : folderOf(raw.replace(/\/$/, ''));
  await removeLeftovers(folder, options);
  const name = stagingName(options);
  const stage = `${folder}/${name}`;
  const tree = `${stage}/tree`;
  const discard = async () => {
    await rm(bytesOf(stage), { recursive: true, force: true });
    forgetStaging(name);
  };
  try {
    await mkdir(bytesOf(stage), 0o700);
    await mkdir(bytesOf(tree), 0o700);
    const directories = await unpackTree({ root: tree, umask: options.umask }, archive, listener);
    const commit = async () => {
      if (exists) await mergeTree({ from: tree, to: raw, onSkip: listener.onSkip });
      else await rename(bytesOf(tree), bytesOf(raw));
      await setAttributes(raw, await movedFrom(tree, directories), options.umask);
      await discard();
    };
    return { commit, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Skips directories that existed before, and those that a link may have replaced. */
async function movedFrom(
  stage: string,
  directories: readonly UnpackedDirectory[],
): Promise<readonly UnpackedDirectory[]> {
  const moved: UnpackedDirectory[] = [];
  for (const directory of directories) {
    const isStaged = await access(bytesOf(`${stage}/${directory.name}`)).then(
      () => true,
      (error) => codeOf(error) !== 'ENOENT',
    );
    if (!isStaged) moved.push(directory);
  }
  return moved;
}

/** Starts with the innermost: a mode can lock us out of a directory, and new content changes its time. */
async function setAttributes(
  root: string,
  directories: readonly UnpackedDirectory[],
  umask: number,
): Promise<void> {
  for (const { name, mode, modifiedAt } of directories.toReversed()) {
    const path = bytesOf(`${root}/${name}`);
    await utimes(path, modifiedAt, modifiedAt).catch(() => undefined);
    await chmod(path, mode & ~umask).catch(() => undefined);
  }
}
