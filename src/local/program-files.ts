import {
  access,
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { EcshError } from '#domain/errors/errors.ts';
import type { ProgramFiles } from '#domain/ports/system-ports.ts';

const HEAD_BYTES = 256;
const FOR_EVERYBODY = 0o755;

/** `ProgramFiles` on the disk of this machine. */
export function programFiles(
  { platform, env }: Pick<NodeJS.Process, 'platform' | 'env'>,
  ownWords: readonly string[],
): ProgramFiles {
  const suffix = platform === 'win32' ? '.exe' : '';
  return {
    platform,
    ownWords,
    resolve: (path) => resolve(path),
    async find(name) {
      const paths = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
      const found = paths.map((folder) => existing(join(folder, name + suffix)));
      return (await Promise.all(found)).flatMap((path) => path ?? []);
    },
    readHead,
    write: (path, text) => putInPlace(path, (draft) => writeFile(draft, text)),
    link: (from, to) =>
      putInPlace(to, (draft) => link(from, draft).catch(() => copyFile(from, draft))),
  };
}

async function existing(path: string): Promise<string | undefined> {
  try {
    await access(path);
    return path;
  } catch {
    return undefined;
  }
}

async function readHead(path: string): Promise<string | undefined> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unwritable(path, error);
  }
}

/** Made beside it and renamed: a program that is being started is never half there. */
async function putInPlace(path: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await make(draft);
    await chmod(draft, FOR_EVERYBODY);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): EcshError {
  return new EcshError('file-unwritable', `Cannot write ${path}.`, {
    hint: 'Name another folder:  ecsh plugin install --dir DIR',
    cause,
  });
}
