import { chmod, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { isTooManyOpenFiles, tooManyOpenFiles } from '#domain/errors/too-many-open-files.ts';
import { bytesOfText, textOfBytes } from '#domain/exact-text.ts';
import type { Files } from '#domain/ports/system-ports.ts';
import { hasCode, makeFolder } from './folders.ts';

/** `Files` on the disk of this machine. */
export const files: Files = {
  async read(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw unreadable(path, cause);
    }
  },
  write: (path, text) => putInPlace(path, text, OWNER_ONLY),
  async readExact(path) {
    try {
      return textOfBytes(await readFile(path));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw unreadable(path, cause);
    }
  },
  writeExact: async (path, text) => putInPlace(path, bytesOfText(text), await modeOf(path)),
};

const OWNER_ONLY = 0o600;
const PERMISSIONS = 0o777;

async function putInPlace(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  try {
    await makeFolder(dirname(path), 0o700);
    const file = await behindLinks(path);
    // Writes a draft and renames it: a reader, or a crash, never sees an incomplete file.
    const draft = `${file}.${crypto.randomUUID()}`;
    await writeFile(draft, content, { mode: OWNER_ONLY });
    if (mode !== OWNER_ONLY) await chmod(draft, mode);
    await rename(draft, file);
  } catch (cause) {
    if (isTooManyOpenFiles(cause)) throw tooManyOpenFiles(cause);
    throw new EcshError('file-unwritable', `Cannot write ${path}.`, {
      hint: 'Check the rights of its folder and the space on the disk.',
      cause,
    });
  }
}

/** The permissions of a file, or of a new one if there is none. */
async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & PERMISSIONS;
  } catch {
    return OWNER_ONLY;
  }
}

/** Follows links, because a rename would replace a link into a folder of dotfiles. */
async function behindLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

/**
 * A file that the user named.
 *
 * @throws EcshError `file-unreadable`, also if it is missing.
 */
export async function readNamedFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Only the owner can read it, even if the file existed before. Loads its code on first use. */
export async function appendTo(path: string): Promise<Writable> {
  const { createWriteStream, fchmod, fstat } = await import('node:fs');
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  // The mode above is for a new file. A device or a pipe keeps its own.
  file.once('open', (fd) =>
    fstat(fd, (_error, stats) => {
      if (stats?.isFile()) fchmod(fd, 0o600, () => undefined);
    }),
  );
  return file;
}

function unreadable(path: string, cause: unknown): EcshError {
  if (isTooManyOpenFiles(cause)) return tooManyOpenFiles(cause);
  return new EcshError('file-unreadable', `Cannot read ${path}.`, {
    hint: 'Give the path of a file that is there and that you may read.',
    cause,
  });
}

/** Also below a path that is not a folder. */
function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
}
