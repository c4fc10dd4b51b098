import { constants, createReadStream, type Stats } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import {
  localSourceNotFile,
  sourceIsDirectory,
  sourceMissing,
  sourceUnreadable,
} from '#copy/copy-errors.ts';
import { nameOfPath } from '#copy/copy-sides.ts';
import type { Bytes, LocalCopies, LocalSource } from '#copy/local-copies.ts';
import { shownText } from '#domain/exact-text.ts';
import { openDestination } from './copy-destination.ts';
import { openPipe } from './pipe.ts';
import { bytesOf, rawOf } from './raw-path.ts';
import { codeOf, systemReason } from './reason.ts';
import type { CopyEnvironment } from './staging.ts';
import { packTree } from './tar-pack.ts';

/** `LocalCopies` on the disk of this machine. */
export function createCopies(environment: CopyEnvironment): LocalCopies {
  return {
    openSource,
    openDestination: (request) => openDestination(environment, request),
    compress: (content) => through(content, createGzip()),
    decompress: (content) => through(content, createGunzip()),
  };
}

/** Follows a link that the user named, but keeps links inside a directory. */
async function openSource(path: string, isRecursive: boolean): Promise<LocalSource> {
  const stats = await readable(path);
  const name = nameOfPath(sep === '/' ? path : path.replaceAll(sep, '/'));
  if (stats.isDirectory()) {
    if (!isRecursive) throw sourceIsDirectory(shownText(path));
    const real = await realpath(bytesOf(rawOf(path)), { encoding: 'buffer' });
    const root = real.toString('latin1');
    return { kind: 'tree', name, isForeign: false, read: (listener) => packTree(root, listener) };
  }
  if (!stats.isFile()) return openSubstitution(path, stats, name);
  return {
    kind: 'file',
    name,
    mode: stats.mode & 0o777,
    modifiedAt: stats.mtimeMs / 1000,
    size: stats.size,
    read: () => readFile(path, createReadStream),
  };
}

/** Names of descriptors that the shell has opened. */
const DESCRIPTOR = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/** The shell's `<(…)` is a pipe, which ends. A FIFO or a device might never end. */
function openSubstitution(path: string, stats: Stats, name: string): LocalSource {
  if (!stats.isFIFO() || !DESCRIPTOR.test(path)) throw localSourceNotFile(shownText(path));
  const nothing = { mode: undefined, modifiedAt: undefined, size: undefined };
  const open = (bytes: Buffer) => openPipe(bytes, 'read');
  return { kind: 'file', name, ...nothing, read: () => readFile(path, open) };
}

/** Checks the source before a session starts. */
async function readable(path: string): Promise<Stats> {
  const bytes = bytesOf(rawOf(path));
  try {
    const stats = await stat(bytes);
    await access(bytes, constants.R_OK);
    return stats;
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
    const shown = shownText(path);
    throw isMissing ? sourceMissing(shown) : sourceUnreadable(shown, systemReason(error));
  }
}

async function* readFile(path: string, open: (path: Buffer) => Bytes): Bytes {
  try {
    yield* open(bytesOf(rawOf(path)));
  } catch (error) {
    throw sourceUnreadable(shownText(path), systemReason(error));
  }
}

/** A failure of either one ends the other, and reaches the reader if there still is one. */
function through(content: Bytes, transform: Transform): Bytes {
  transform.on('error', () => undefined);
  return pipeline(content, transform, () => undefined);
}
