import type { FileHandle } from 'node:fs/promises';
import { link, lstat, mkdir, open, symlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { extract, type Header } from 'tar-stream';
import { archiveUnsafe } from '#copy/copy-errors.ts';
import type { Bytes, CopyListener } from '#copy/local-copies.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { type ArchiveLink, outsideLinks } from './outside-links.ts';
import { bytesOf, rawOf, shownPath } from './raw-path.ts';
import { codeOf, systemReason } from './reason.ts';
import { feedArchive } from './tar-feed.ts';

/** A directory of the archive; its attributes are set after its content is complete. */
export interface UnpackedDirectory {
  /** Path within the archive; empty for the root. */
  readonly name: string;
  readonly mode: number;
  readonly modifiedAt: Date;
}

export interface UnpackPlace {
  /** A new directory of ours, raw. */
  readonly root: string;
  /** Permission bits to remove from files. */
  readonly umask: number;
}

/** `filenameEncoding` is missing from the types: names stay bytes (`raw-path.ts`). */
const OPTIONS = { highWaterMark: 64 * 1024, filenameEncoding: 'latin1' };

/**
 * Unpacks a container's archive into a new directory, and never outside it. Links are created after all files are
 * written, so that no name can lead through one; links that point outside are reported.
 *
 * @throws EcshError `archive-unsafe`
 */
export async function unpackTree(
  place: UnpackPlace,
  archive: Bytes,
  listener: CopyListener,
): Promise<readonly UnpackedDirectory[]> {
  const unpacking = new Unpacking(place, listener);
  const entries = extract(OPTIONS);
  void feedArchive(archive, entries);
  for await (const entry of entries) {
    await unpacking.add(entry.header, entry);
    // A skipped entry must be read too.
    entry.resume();
  }
  await unpacking.makeLinks();
  return unpacking.directories;
}

/** Whether tar-stream reports that this is not an archive, or a truncated one. */
export function isBrokenArchive(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Invalid (tar )?header|Unexpected end of data|Header exceeds|Stream was destroyed)/.test(
      error.message,
    )
  );
}

/** Longest header field, such as a name or a link target, in bytes; Linux accepts 4,096. */
const MAX_FIELD = 64 * 1024;
/** Memory for names that are kept until the end, of links and directories. */
const MAX_KEPT = 32 * 1024 * 1024;
/** Approximate memory per kept name in addition to its characters, in bytes. */
const OVERHEAD = 200;

class Unpacking {
  readonly directories: UnpackedDirectory[] = [];
  readonly #place: UnpackPlace;
  readonly #listener: CopyListener;
  readonly #made = new Set<string>(['']);
  readonly #hardLinks: ArchiveLink[] = [];
  readonly #symbolicLinks: ArchiveLink[] = [];
  #kept = 0;

  constructor(place: UnpackPlace, listener: CopyListener) {
    this.#place = place;
    this.#listener = listener;
  }

  async add(header: Header, content: AsyncIterable<unknown>): Promise<void> {
    assertBounded(header);
    const name = safeName(textOf(header, 'path', header.name));
    switch (header.type) {
      case 'directory':
        return this.#addDirectory(name, header);
      case 'file':
      case 'contiguous-file':
        return this.#addFile(name, header, content);
      case 'link':
        return this.#keep(this.#hardLinks, {
          name,
          target: safeName(textOf(header, 'linkpath', header.linkname)),
        });
      case 'symlink':
        return this.#keep(this.#symbolicLinks, {
          name,
          target: textOf(header, 'linkpath', header.linkname),
        });
      default:
        this.#listener.onSkip(`${shownPath(name)}: neither a file nor a directory`);
    }
  }

  /** Creates hard links first: as long as there are no other links, their targets are files. */
  async makeLinks(): Promise<void> {
    for (const { name, target } of this.#hardLinks) {
      await this.#makeLink(name, (path) => link(this.#at(target), path));
    }
    const outside = new Set(outsideLinks(this.#symbolicLinks));
    for (const each of this.#symbolicLinks) {
      const { name, target } = each;
      const isMade = await this.#makeLink(name, (path) => symlink(bytesOf(target), path));
      if (!isMade || !outside.has(each)) continue;
      this.#listener.onOutsideLink(`${shownPath(name)} -> ${shownPath(target)}`);
    }
  }

  async #addDirectory(name: string, { mode, mtime }: Header): Promise<void> {
    if (!(await this.#attempt(name, () => this.#makeDirectory(name)))) return;
    this.#count(name);
    this.directories.push({ name, mode: mode & 0o777, modifiedAt: timeOf(mtime) });
  }

  async #addFile(name: string, { mode, mtime }: Header, content: AsyncIterable<unknown>) {
    const file = await this.#attempt(name, () => this.#create(name));
    if (file === undefined) return;
    this.#listener.onFile();
    try {
      await this.#fill(file, content);
      await file.chmod(mode & 0o777 & ~this.#place.umask);
      await file.utimes(timeOf(mtime), timeOf(mtime));
    } finally {
      await file.close();
    }
  }

  #keep(links: ArchiveLink[], each: ArchiveLink): void {
    this.#count(each.name + each.target);
    links.push(each);
  }

  #count(text: string): void {
    this.#kept += text.length + OVERHEAD;
    if (this.#kept > MAX_KEPT) throw archiveUnsafe('it has too many links and directories');
  }

  async #makeLink(name: string, make: (path: Buffer) => Promise<void>): Promise<boolean> {
    const isMade = await this.#attempt(name, async () => {
      await this.#makeDirectory(folderOf(name));
      await make(this.#at(name));
      this.#listener.onFile();
      return true;
    });
    return isMade === true;
  }

  /** Never replaces a file, because two names of the container can be one here, such as `README` and `readme`. */
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

  /** Private and writable for us while it is being filled. */
  async #makeDirectory(name: string): Promise<true> {
    if (this.#made.has(name)) return true;
    await this.#makeDirectory(folderOf(name));
    const path = this.#at(name);
    await mkdir(path, 0o700).catch(async (error: unknown) => {
      if (!(await lstat(path)).isDirectory()) throw error;
    });
    this.#count(name);
    this.#made.add(name);
    return true;
  }

  #at(name: string): Buffer {
    return bytesOf(`${this.#place.root}/${name}`);
  }

  /** Skips an entry that cannot be created here. Without disk space, nothing can. */
  async #attempt<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#listener.onSkip(
        `${shownPath(name).slice(0, MAX_SHOWN) || '.'}: ${systemReason(error)}`,
      );
      return undefined;
    }
  }
}

const MAX_SHOWN = 1_000;
const FATAL: readonly string[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE'];

function isFatal(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof EcshError || code === undefined || FATAL.includes(code);
}

/** @throws EcshError `archive-unsafe` for a header too long for any file system */
function assertBounded({ name, linkname, pax }: Header): void {
  const fields = typeof pax === 'object' && pax !== null ? Object.entries(pax).flat() : [];
  const length = [name, linkname ?? '', ...fields].reduce((sum, { length }) => sum + length, 0);
  if (length > MAX_FIELD) throw archiveUnsafe(`a header of ${length} bytes`);
}

/** An archive can contain any number, or no valid time. */
function timeOf(time: Date | undefined): Date {
  return time === undefined || Number.isNaN(time.getTime()) ? new Date(0) : time;
}

/** pax headers contain text, but header fields contain bytes. */
function textOf({ pax }: Header, key: 'path' | 'linkpath', value: string | null): string {
  const isText = typeof pax === 'object' && pax !== null && key in pax;
  return isText ? rawOf(value ?? '') : (value ?? '');
}

/** Characters that lead outside a directory on Windows are ordinary elsewhere. */
const ELSEWHERE = sep === '/' ? /\0/ : /[\0:\\]/;

/** @throws EcshError `archive-unsafe` for a name that would leave the directory */
function safeName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..') || ELSEWHERE.test(name)) {
    const shown = JSON.stringify(shownPath(name).slice(0, MAX_SHOWN));
    throw archiveUnsafe(`a file named ${shown} would leave the destination`);
  }
  return parts.join('/');
}

function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}
