import { lstat, readdir, rename } from 'node:fs/promises';
import { bytesOf, shownPath } from './raw-path.ts';
import { codeOf, reasonOf } from './reason.ts';

export interface Merge {
  /** Both as `rawOf` makes them, and both directories. */
  readonly from: string;
  readonly to: string;
  /** What could not be moved, and why. */
  readonly onSkip: (text: string) => void;
}

/**
 * Moves what is in one directory into another, where each file replaces the one that is there in one
 * step. A link that stands in the way of a directory is not followed: it may lead anywhere. Directories
 * that are there already, and what cannot be moved, stay behind.
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
      merge.onSkip(`${shownPath(path)}: ${reasonOf(error)}`);
    }
  }
}

async function mergeEntry(merge: Merge, name: string): Promise<void> {
  const source = bytesOf(`${merge.from}/${name}`);
  const destination = bytesOf(`${merge.to}/${name}`);
  const isDirectory = (await lstat(source)).isDirectory();
  const there = await statOf(destination);
  if (there !== undefined && isDirectory !== there.isDirectory()) {
    throw new Error(isDirectory ? 'no directory stands there' : 'a directory stands there');
  }
  if (isDirectory && there !== undefined) await mergeDirectory(merge, name);
  else await rename(source, destination);
}

/** Of a link itself; undefined where there is nothing. */
async function statOf(path: Buffer) {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
