import type { FileHandle } from 'node:fs/promises';
import { link, lstat, mkdir, open, symlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { extract, type Header } from 'tar-stream';
import { archiveUnsafe } from '#copy/copy-errors.ts';
import type { Bytes, CopyListener } from '#copy/local-copies.ts';
import { bytesOf, rawOf, shownPath } from './raw-path.ts';
import { reasonOf } from './reason.ts';

/** A directory of the archive, whose attributes are set when nothing is put into it any more. */
export interface UnpackedDirectory {
  /** Within the archive; empty for the whole. */
  readonly name: string;
  readonly mode: number;
  readonly modifiedAt: Date;
}

/** tar-stream takes the encoding of names too: bytes they stay (`raw-path.ts`). */
const OPTIONS = { highWaterMark: 64 * 1024, filenameEncoding: 'latin1' };

/**
 * Unpacks what a container sent into a new directory of ours, and never anywhere else. Until all
 * files are written there is no link in it that a name could lead through; what links point to is
 * not looked at.
 *
 * @param root as `rawOf` makes it
 * @throws EcshError `archive-unsafe`
 */
export async function unpackTree(
  root: string,
  archive: Bytes,
  listener: CopyListener,
): Promise<readonly UnpackedDirectory[]> {
  const unpacking = new Unpacking(root, listener);
  const entries = extract(OPTIONS);
  void feed(archive, entries);
  for await (const entry of entries) {
    await unpacking.add(entry.header, entry);
    // What was left out has to pass all the same.
    entry.resume();
  }
  await unpacking.makeLinks();
  return unpacking.directories;
}

/** What tar-stream says of what is no archive, or not all of one. */
export function isBrokenArchive(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Invalid (tar )?header|Unexpected end of data|Header exceeds|Stream was destroyed)/.test(
      error.message,
    )
  );
}

type Extract = ReturnType<typeof extract>;

async function feed(archive: Bytes, entries: Extract): Promise<void> {
  try {
    let end: Uint8Array = new Uint8Array();
    for await (const chunk of archive) {
      if (entries.destroyed) return;
      end = chunk.length < BLOCK ? Buffer.concat([end, chunk]).subarray(-BLOCK) : chunk;
      if (!entries.write(chunk)) await untilDrained(entries);
    }
    if (!isEmptyBlock(end.subarray(-BLOCK))) throw new Error(CUT_OFF);
    entries.end(null);
  } catch (error) {
    entries.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

const BLOCK = 512;
const CUT_OFF = 'Unexpected end of data';

/** Every tar ends with some. tar-stream would take an archive that was cut off behind a file for all of it. */
function isEmptyBlock(block: Uint8Array): boolean {
  return block.length === BLOCK && block.every((byte) => byte === 0);
}

function untilDrained(entries: Extract): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      entries.off('drain', go);
      entries.off('close', go);
      resolve();
    };
    entries.on('drain', go);
    entries.on('close', go);
  });
}

interface Link {
  readonly name: string;
  readonly target: string;
}

class Unpacking {
  readonly directories: UnpackedDirectory[] = [];
  readonly #root: string;
  readonly #listener: CopyListener;
  readonly #made = new Set<string>(['']);
  readonly #hardLinks: Link[] = [];
  readonly #symbolicLinks: Link[] = [];

  constructor(root: string, listener: CopyListener) {
    this.#root = root;
    this.#listener = listener;
  }

  async add(header: Header, content: AsyncIterable<unknown>): Promise<void> {
    const { type, mtime: modifiedAt } = header;
    const name = safeName(textOf(header, 'path', header.name));
    const mode = header.mode & 0o777;
    switch (type) {
      case 'directory':
        if (await this.#attempt(name, () => this.#makeDirectory(name))) {
          this.directories.push({ name, mode, modifiedAt });
        }
        return;
      case 'file':
      case 'contiguous-file': {
        const file = await this.#attempt(name, () => this.#create(name));
        if (file === undefined) return;
        this.#listener.onFile();
        try {
          await this.#fill(file, content);
          await file.chmod(mode);
          await file.utimes(modifiedAt, modifiedAt);
        } finally {
          await file.close();
        }
        return;
      }
      case 'link':
        this.#hardLinks.push({
          name,
          target: safeName(textOf(header, 'linkpath', header.linkname)),
        });
        return;
      case 'symlink':
        this.#symbolicLinks.push({ name, target: textOf(header, 'linkpath', header.linkname) });
        return;
      default:
        this.#listener.onSkip(`${shownPath(name)}: neither a file nor a directory`);
    }
  }

  /** Hard links first: what they name is a file as long as there is no other kind of link. */
  async makeLinks(): Promise<void> {
    for (const { name, target } of this.#hardLinks) {
      await this.#makeLink(name, (path) => link(this.#at(target), path));
    }
    for (const { name, target } of this.#symbolicLinks) {
      await this.#makeLink(name, (path) => symlink(bytesOf(target), path));
    }
  }

  async #makeLink(name: string, make: (path: Buffer) => Promise<void>): Promise<void> {
    await this.#attempt(name, async () => {
      await this.#makeDirectory(folderOf(name));
      await make(this.#at(name));
      this.#listener.onFile();
    });
  }

  /** Never over another: two names of the container may be one here, `README` and `readme`. */
  async #create(name: string): Promise<FileHandle> {
    await this.#makeDirectory(folderOf(name));
    return open(this.#at(name), 'wx', 0o600);
  }

  async #fill(file: FileHandle, content: AsyncIterable<unknown>): Promise<void> {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) continue;
      this.#listener.onBytes(chunk.length);
      await file.writeFile(chunk);
    }
  }

  /** For our eyes, and open for us, as long as it is being filled. */
  async #makeDirectory(name: string): Promise<true> {
    if (this.#made.has(name)) return true;
    await this.#makeDirectory(folderOf(name));
    const path = this.#at(name);
    await mkdir(path, 0o700).catch(async (error: unknown) => {
      if (!(await lstat(path)).isDirectory()) throw error;
    });
    this.#made.add(name);
    return true;
  }

  #at(name: string): Buffer {
    return bytesOf(`${this.#root}/${name}`);
  }

  /** What cannot be made here is left out; where there is no room, nothing can. */
  async #attempt<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#listener.onSkip(`${shownPath(name) || '.'}: ${reasonOf(error)}`);
      return undefined;
    }
  }
}

const FATAL: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE'];

function isFatal(error: unknown): boolean {
  return !(error instanceof Error && 'code' in error) || FATAL.includes(error.code);
}

/** pax headers hold text; the fields of a head hold bytes. */
function textOf({ pax }: Header, key: 'path' | 'linkpath', value: string | null): string {
  const isText = typeof pax === 'object' && pax !== null && key in pax;
  return isText ? rawOf(value ?? '') : (value ?? '');
}

/** What leads out of a directory on Windows is an ordinary name elsewhere. */
const ELSEWHERE = sep === '/' ? /\0/ : /[\0:\\]/;

/** @throws EcshError `archive-unsafe` for a name that would leave the directory */
function safeName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..') || ELSEWHERE.test(name)) {
    throw archiveUnsafe(shownPath(name));
  }
  return parts.join('/');
}

function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}
