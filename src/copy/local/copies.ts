import { constants, createReadStream, type Stats } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { sourceIsDirectory, sourceMissing, sourceUnreadable } from '#copy/copy-errors.ts';
import { nameOfPath } from '#copy/copy-sides.ts';
import type { Bytes, LocalCopies, LocalSource } from '#copy/local-copies.ts';
import { openDestination } from './copy-destination.ts';
import { rawOf } from './raw-path.ts';
import { codeOf, reasonOf } from './reason.ts';
import { packTree } from './tar-pack.ts';

/** `LocalCopies` on the disk of this machine. */
export const copies: LocalCopies = {
  openSource,
  openDestination,
  compress: (content) => through(content, createGzip()),
  decompress: (content) => through(content, createGunzip()),
};

/** A link that is named is followed; one within a directory stays a link. */
async function openSource(path: string, isRecursive: boolean): Promise<LocalSource> {
  const stats = await readable(path);
  const name = nameOfPath(sep === '/' ? path : path.replaceAll(sep, '/'));
  if (stats.isDirectory()) {
    if (!isRecursive) throw sourceIsDirectory(path);
    const root = rawOf(await realpath(path));
    return { kind: 'tree', name, isForeign: false, read: (listener) => packTree(root, listener) };
  }
  // Of a pipe or a device only the content is of interest.
  const isOrdinary = stats.isFile();
  return {
    kind: 'file',
    name,
    mode: isOrdinary ? stats.mode & 0o777 : undefined,
    modifiedAt: isOrdinary ? stats.mtimeMs / 1000 : undefined,
    size: isOrdinary ? stats.size : undefined,
    read: () => readFile(path),
  };
}

/** Before there is a session that would be in vain. */
async function readable(path: string): Promise<Stats> {
  try {
    const stats = await stat(path);
    await access(path, constants.R_OK);
    return stats;
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
    throw isMissing ? sourceMissing(path) : sourceUnreadable(path, reasonOf(error));
  }
}

async function* readFile(path: string): Bytes {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw sourceUnreadable(path, reasonOf(error));
  }
}

/** A failure of the one ends the other, and is told to who reads, if anybody still does. */
function through(content: Bytes, transform: Transform): Bytes {
  transform.on('error', () => undefined);
  return pipeline(content, transform, () => undefined);
}
