import type { Stats } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  type FileHandle,
  open,
  realpath,
  rename,
  rm,
  utimes,
} from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Bytes, FileAttributes, StagedFile } from '#copy/local-copies.ts';
import { openPipe } from './pipe.ts';
import { bytesOf, folderOf } from './raw-path.ts';
import { codeOf } from './reason.ts';
import { forgetStaging, removeLeftovers, stagingName, type WriteOptions } from './staging.ts';

export interface FileRequest {
  readonly raw: string;
  /** The file that is replaced, or the link itself if it must not be followed. */
  readonly existing: Stats | undefined;
  readonly content: Bytes;
  readonly attributes: FileAttributes;
}

/** Writes the content next to its final name or, if a link is followed, next to the link's target. */
export async function stageFile(
  options: WriteOptions,
  { raw, existing, content, attributes: { mode, modifiedAt } }: FileRequest,
): Promise<StagedFile> {
  const replaced = existing?.isFile() ? existing : undefined;
  const final = replaced === undefined ? bytesOf(raw) : await realpath(bytesOf(raw), BUFFER);
  const folder = folderOf(final.toString('latin1'));
  await removeLeftovers(folder, options);
  const name = stagingName(options);
  const temporary = bytesOf(`${folder}/${name}`);
  const discard = async () => {
    await rm(temporary, { force: true });
    forgetStaging(name);
  };
  try {
    await fill(await open(temporary, 'wx', mode === undefined ? 0o666 : 0o600), content);
    const time = modifiedAt === undefined ? new Date() : new Date(modifiedAt * 1000);
    await utimes(temporary, time, time);
    await setPermissions(options, temporary, replaced, mode);
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async () => {
    try {
      await rename(temporary, final);
    } catch (error) {
      // A mounted file cannot be replaced, only written.
      if (codeOf(error) !== 'EBUSY') throw error;
      await copyFile(temporary, final);
    }
    await discard();
  };
  return { commit, discard };
}

const BUFFER = { encoding: 'buffer' } as const;

/** Writes to a device or a FIFO, which cannot be staged. A FIFO without a reader fails at once. */
export async function writeSpecial(
  raw: string,
  existing: Stats,
  content: Bytes,
  signal?: AbortSignal,
): Promise<StagedFile> {
  const path = bytesOf(raw);
  if (existing.isFIFO()) await pipeline(content, openPipe(path, 'write'), { signal });
  else await fill(await open(path, 'w'), content);
  return { commit: async () => undefined, discard: async () => undefined };
}

async function fill(file: FileHandle, content: Bytes): Promise<void> {
  try {
    for await (const chunk of content) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/** An existing file keeps its mode, and its owner if we may change that, like in cp(1). */
async function setPermissions(
  { umask, preserves }: WriteOptions,
  path: Buffer,
  replaced: Stats | undefined,
  mode: number | undefined,
): Promise<void> {
  if (replaced !== undefined) {
    await chown(path, replaced.uid, replaced.gid).catch(() => undefined);
  }
  const kept = preserves && mode !== undefined ? undefined : replaced;
  const permissions = kept === undefined ? mode && mode & ~umask : kept.mode & 0o777;
  if (permissions !== undefined) await chmod(path, permissions);
}
