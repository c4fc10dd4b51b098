import type { Stats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import type { Bytes, CopyListener } from '#copy/local-copies.ts';
import { END_OF_ARCHIVE, encodeTarEntry, tarPadding } from '#copy/tar-entry.ts';
import { bytesOf, shownPath } from './raw-path.ts';
import { systemReason } from './reason.ts';

const CHUNK = 64 * 1024;

/**
 * Packs a directory into a tar archive: the directory as `tree`, then an empty file `end` that marks the archive as
 * complete. FIFOs, sockets, devices and unreadable files are skipped and reported.
 *
 * @param root raw
 */
export async function* packTree(root: string, listener: CopyListener): Bytes {
  yield* packDirectory(root, 'tree', listener);
  yield encodeTarEntry({ type: 'file', name: 'end', mode: 0o600, modifiedAt: 0, size: 0 });
  yield END_OF_ARCHIVE;
}

/**
 * Writes each directory twice. GNU tar sets the attributes of directories at the end if it saw them before their
 * content. BusyBox sets them at once, and the content then changes the time.
 */
async function* packDirectory(path: string, name: string, listener: CopyListener): Bytes {
  const stats = await lstat(bytesOf(path));
  const directory = {
    type: 'directory',
    name: `${name}/`,
    size: 0,
    ...attributesOf(stats),
  } as const;
  yield encodeTarEntry(directory);
  const children = await attempt(path, listener, () =>
    readdir(bytesOf(path), { encoding: 'buffer' }),
  );
  for (const child of (children ?? []).map((each) => each.toString('latin1')).sort()) {
    yield* packEntry(`${path}/${child}`, `${name}/${child}`, listener);
  }
  yield encodeTarEntry(directory);
}

async function* packEntry(path: string, name: string, listener: CopyListener): Bytes {
  const stats = await attempt(path, listener, () => lstat(bytesOf(path)));
  if (stats === undefined) return;
  if (stats.isDirectory()) {
    yield* packDirectory(path, name, listener);
  } else if (stats.isSymbolicLink()) {
    const target = await attempt(path, listener, () =>
      readlink(bytesOf(path), { encoding: 'buffer' }),
    );
    if (target === undefined) return;
    const linkName = target.toString('latin1');
    listener.onFile();
    yield encodeTarEntry({ type: 'symlink', name, linkName, size: 0, ...attributesOf(stats) });
  } else if (stats.isFile()) {
    yield* packFile(path, name, listener);
  } else {
    listener.onSkip(`${shownPath(path)}: neither a file nor a directory`);
  }
}

/** Sends as many bytes as the header states, even if the file changes in the meantime. */
async function* packFile(path: string, name: string, listener: CopyListener): Bytes {
  const file = await attempt(path, listener, () => open(bytesOf(path)));
  if (file === undefined) return;
  try {
    const stats = await file.stat();
    const { size } = stats;
    listener.onFile();
    yield encodeTarEntry({ type: 'file', name, size, ...attributesOf(stats) });
    let left = size;
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(CHUNK, left)));
      if (bytesRead === 0) break;
      left -= bytesRead;
      listener.onBytes(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
    if (left > 0) listener.onSkip(`${shownPath(path)}: became shorter while it was copied`);
    for (; left > 0; left -= Math.min(CHUNK, left)) yield new Uint8Array(Math.min(CHUNK, left));
    yield tarPadding(size);
  } finally {
    await file.close();
  }
}

function attributesOf({ mode, mtimeMs }: Stats) {
  return { mode: mode & 0o777, modifiedAt: mtimeMs / 1000 };
}

async function attempt<T>(
  path: string,
  listener: CopyListener,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    listener.onSkip(`${shownPath(path)}: ${systemReason(error)}`);
    return undefined;
  }
}
