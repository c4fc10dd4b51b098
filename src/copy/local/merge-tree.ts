import { lstat, readdir, rename } from 'node:fs/promises';
import { bytesOf, shownPath } from './raw-path.ts';
import { codeOf, systemReason } from './reason.ts';

export interface Merge {
  /** Raw paths of directories. */
  readonly from: string;
  readonly to: string;
  /** Called with an entry that could not be moved, and why. */
  readonly onSkip: (text: string) => void;
}

/**
 * Moves the content of one directory into another. Each file replaces an existing one atomically. A link that
 * replaces a directory is not followed, because it may point anywhere. Existing directories, and entries that
 * cannot be moved, stay behind.
 */
export async function mergeTree(merge: Merge): Promise<void> {
  await mergeDirectory(merge, '');
}

async function mergeDirectory(merge: Merge, name: string): Promise<void> {
  const children = await readdir(bytesOf(`${merge.from}/${name}`), { encoding: 'buffer' });
  for (const child of children.map((each) => each.toString('latin1')).sort()) {
    const path = name === '' ? child : `${name}/${child}`;
    try {
      await mergeEntry(merge, path);
    } catch (error) {
      merge.onSkip(`${shownPath(path)}: ${systemReason(error)}`);
    }
  }
}

async function mergeEntry(merge: Merge, name: string): Promise<void> {
  const source = bytesOf(`${merge.from}/${name}`);
  const destination = bytesOf(`${merge.to}/${name}`);
  const isDirectory = (await lstat(source)).isDirectory();
  const existing = await statOf(destination);
  if (existing !== undefined && isDirectory !== existing.isDirectory()) {
    throw new Error(
      isDirectory ? 'the existing entry is not a directory' : 'the existing entry is a directory',
    );
  }
  if (isDirectory && existing !== undefined) await mergeDirectory(merge, name);
  else await rename(source, destination);
}

/** Does not follow links. Undefined if it does not exist. */
async function statOf(path: Buffer) {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
