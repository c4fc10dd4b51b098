import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, chmod, copyFile, link, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { EcshError } from '#domain/errors/errors.ts';
import type { ProgramFiles } from '#domain/ports/system-ports.ts';
import { hasCode, makeFolder } from './folders.ts';

const HEAD_BYTES = 65_536;
const BLOCK_BYTES = 1024 * 1024;
/** The time limit for a program's answer, in milliseconds. */
const ANSWER_LIMIT_MS = 4_000;
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
    isSame,
    contains,
    succeeds,
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
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new Error('It is not a file.');
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw unwritable(path, error);
  }
}

/** The block size for reading a program: an executable has more than 100 MB. */
function blocksOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: BLOCK_BYTES });
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([stat(one), stat(other)]);
  if (left.size !== right.size) return false;
  if (left.ino !== 0 && left.ino === right.ino && left.dev === right.dev) return true;
  const digests = await Promise.all([one, other].map(digestOf));
  return digests[0] === digests[1];
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of blocksOf(path)) hash.update(block);
  return hash.digest('hex');
}

async function contains(path: string, text: string): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for await (const block of blocksOf(path)) {
    const joined = Buffer.concat([tail, block]);
    if (joined.includes(text)) return true;
    // The text may cross two blocks.
    tail = joined.subarray(-text.length);
  }
  return false;
}

function succeeds([file = '', ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: ANSWER_LIMIT_MS }, (error) =>
      resolve(error === null),
    );
    child.stdin?.end();
  });
}

/** Written as a draft and renamed, so that an incomplete program never starts. */
async function putInPlace(path: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    await makeFolder(dirname(path), FOR_EVERYBODY);
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
