import { randomUUID } from 'node:crypto';
import type { DirectoryListing } from './directory-listing.ts';
import { SftpError } from './sftp-error.ts';
import { type Attributes, type NamedFile, OpenFlag, Status } from './sftp-packets.ts';
import type { SftpPaths } from './sftp-paths.ts';
import { SftpReader } from './sftp-reader.ts';
import { MAX_OUTPUT, type SftpShell } from './sftp-shell.ts';
import { type CopiedPart, SftpWriter } from './sftp-writer.ts';

export const MAX_HANDLES = 64;
/** Maximum number of names in one reply, to keep packets small. */
const NAMES_PER_REPLY = 100;
/** Maximum number of bytes in one read or write; the rest of a packet is its header. */
export const LARGEST_TRANSFER = 255 * 1024;

interface OpenDirectory {
  readonly kind: 'directory';
  readonly listing: DirectoryListing;
}

interface OpenFile {
  readonly kind: 'file';
  readonly path: string;
  readonly reader: SftpReader;
  readonly writer: SftpWriter | undefined;
}

type Handle = OpenDirectory | OpenFile;

/** The files and directories that the client has open. Every method throws `SftpError`. */
export class SftpHandles {
  readonly #shell: SftpShell;
  readonly #paths: SftpPaths;
  readonly #handles = new Map<string, Handle>();
  #next = 0;

  constructor(shell: SftpShell, paths: SftpPaths) {
    this.#shell = shell;
    this.#paths = paths;
  }

  /** @param flags `OpenFlag`s. @returns the handle */
  async open(path: string, flags: number, { mode }: Attributes): Promise<string> {
    this.#assertRoom();
    if ((flags & OpenFlag.write) === 0) {
      if ((flags & OpenFlag.create) !== 0) {
        await SftpWriter.create(this.#shell, path, (flags & OpenFlag.exclusive) !== 0);
      }
      const found = await this.#paths.stat(path, true);
      if (isDirectory(found)) throw new SftpError(Status.failure, 'Is a directory');
      return this.#add({ kind: 'file', path, reader: this.#reader(path), writer: undefined });
    }
    const options = { path, flags, mode, id: randomUUID() };
    const writer = await SftpWriter.open(this.#shell, options);
    return this.#add({
      kind: 'file',
      path: writer.path,
      reader: this.#reader(writer.path),
      writer,
    });
  }

  async openDirectory(path: string): Promise<string> {
    this.#assertRoom();
    const listing = await this.#paths.list(path);
    // There is always room for one listing.
    if (this.#listedBytes() + listing.size > MAX_OUTPUT) {
      throw new SftpError(Status.failure, 'Too many names in open directories');
    }
    return this.#add({ kind: 'directory', listing });
  }

  /** Closes it. A written file gets its name and attributes now. */
  async close(name: string): Promise<void> {
    const handle = this.#handle(name);
    this.#handles.delete(name);
    if (handle.kind === 'directory') return;
    handle.reader.close();
    await handle.writer?.close();
  }

  /** @returns no bytes at the end of the file */
  async read(name: string, offset: number, length: number): Promise<Buffer> {
    const { reader, writer } = this.#file(name);
    await writer?.flush();
    return reader.read(offset, Math.min(length, LARGEST_TRANSFER));
  }

  async write(name: string, offset: number, data: Buffer): Promise<void> {
    const { writer } = this.#file(name);
    if (writer === undefined) throw new SftpError(Status.permissionDenied, 'Not open for writing');
    await writer.write(offset, data);
  }

  /** Copies between two open files. */
  async copy(from: string, to: string, part: CopiedPart): Promise<void> {
    const { writer } = this.#file(to);
    if (writer === undefined) throw new SftpError(Status.permissionDenied, 'Not open for writing');
    await this.flush(from);
    await writer.copyFrom(this.pathOf(from), part);
  }

  /** Resolves when the container has everything that was written. */
  async flush(name: string): Promise<void> {
    await this.#file(name).writer?.flush();
  }

  async stat(name: string): Promise<Attributes> {
    await this.flush(name);
    return this.#paths.stat(this.pathOf(name), true);
  }

  async setstat(name: string, attributes: Attributes): Promise<void> {
    const { path, writer } = this.#file(name);
    if (writer === undefined) await this.#paths.setstat(path, attributes);
    else await writer.setAttributes(attributes);
  }

  /** The next names of a directory; none at its end. */
  readDirectory(name: string): readonly NamedFile[] {
    const handle = this.#handle(name);
    if (handle.kind !== 'directory') throw new SftpError(Status.failure, 'Not a directory');
    return handle.listing.next(NAMES_PER_REPLY);
  }

  pathOf(name: string): string {
    return this.#file(name).path;
  }

  /** Removes half-written files after the connection was lost. */
  async discard(): Promise<void> {
    for (const handle of this.#handles.values()) {
      if (handle.kind === 'directory') continue;
      handle.reader.close();
      await handle.writer?.discard();
    }
  }

  /** Total size of all listings that are not read to the end. */
  #listedBytes(): number {
    const handles = [...this.#handles.values()];
    return handles.reduce((sum, one) => sum + (one.kind === 'directory' ? one.listing.size : 0), 0);
  }

  #assertRoom(): void {
    if (this.#handles.size < MAX_HANDLES) return;
    throw new SftpError(Status.failure, 'Too many open files');
  }

  #reader(path: string): SftpReader {
    return new SftpReader(this.#shell, path);
  }

  #add(handle: Handle): string {
    const name = String(this.#next);
    this.#next += 1;
    this.#handles.set(name, handle);
    return name;
  }

  #handle(name: string): Handle {
    const handle = this.#handles.get(name);
    if (handle === undefined) throw new SftpError(Status.failure, 'Invalid handle');
    return handle;
  }

  #file(name: string): OpenFile {
    const handle = this.#handle(name);
    if (handle.kind !== 'file') throw new SftpError(Status.failure, 'Is a directory');
    return handle;
  }
}

/** inode(7), S_IFDIR. */
function isDirectory({ mode = 0 }: Attributes): boolean {
  return mode >> 12 === 4;
}
