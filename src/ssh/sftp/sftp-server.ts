import { randomUUID } from 'node:crypto';
import { type Duplex, PassThrough } from 'node:stream';
import { SftpError } from './sftp-error.ts';
import {
  type Attributes,
  attributeFields,
  type NamedFile,
  OpenFlag,
  type PacketReader,
  PacketSplitter,
  packet,
  Status,
  Type,
} from './sftp-packets.ts';
import { SftpPaths } from './sftp-paths.ts';
import { SftpReader } from './sftp-reader.ts';
import type { SftpShell } from './sftp-shell.ts';
import { SftpWriter } from './sftp-writer.ts';

const VERSION = 3;
/** Extensions that OpenSSH's clients use (PROTOCOL of OpenSSH, 4). */
const EXTENSIONS: readonly (readonly [string, string])[] = [
  ['posix-rename@openssh.com', '1'],
  ['statvfs@openssh.com', '2'],
  ['fstatvfs@openssh.com', '2'],
  ['hardlink@openssh.com', '1'],
  ['fsync@openssh.com', '1'],
  ['lsetstat@openssh.com', '1'],
  ['limits@openssh.com', '1'],
];
const MOST_HANDLES = 64;
/** Names in one reply, so that a packet stays small. */
const NAMES_PER_REPLY = 100;
/** Bytes in one read or write; the rest of the packet is its header. */
const LARGEST_TRANSFER = 255 * 1024;

type Handle =
  | { readonly kind: 'directory'; readonly path: string; names: readonly NamedFile[] }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly reader: SftpReader;
      readonly writer: SftpWriter | undefined;
    };

/** Serves SFTP on a stream until it ends; requests are answered in their order. */
export class SftpServer {
  readonly #stream: Duplex;
  readonly #shell: SftpShell;
  readonly #paths: SftpPaths;
  readonly #handles = new Map<string, Handle>();
  #nextHandle = 0;

  constructor(stream: Duplex, shell: SftpShell) {
    this.#stream = stream;
    this.#shell = shell;
    this.#paths = new SftpPaths(shell);
  }

  async serve(): Promise<void> {
    const splitter = new PacketSplitter();
    try {
      // Of the stream itself, the loop would close both directions at its end.
      for await (const chunk of this.#stream.pipe(new PassThrough())) {
        for (const request of splitter.push(chunk)) await this.#answer(request);
      }
    } catch (error) {
      // A packet that is none, or a stream that broke: the connection ends either way.
      if (!(error instanceof RangeError) && !isStreamError(error)) throw error;
    } finally {
      for (const handle of this.#handles.values()) await discard(handle);
    }
  }

  async #answer(request: PacketReader): Promise<void> {
    if (request.type === Type.init) {
      const extensions = EXTENSIONS.flatMap(([name, data]) => [{ text: name }, { text: data }]);
      await this.#send(packet(Type.version, { uint32: VERSION }, ...extensions));
      return;
    }
    const id = request.uint32();
    try {
      await this.#send(await this.#perform(id, request));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const status = error instanceof SftpError ? error.status : Status.failure;
      await this.#send(statusPacket(id, status, error.message));
    }
  }

  async #perform(id: number, request: PacketReader): Promise<Buffer> {
    const paths = this.#paths;
    const ok = statusPacket(id, Status.ok, 'Success');
    switch (request.type) {
      case Type.open:
        return this.#open(id, request.text(), request.uint32(), request.attributes());
      case Type.close:
        await this.#close(request.text());
        return ok;
      case Type.read:
        return this.#read(id, this.#file(request.text()), request.uint64(), request.uint32());
      case Type.write:
        await this.#write(this.#file(request.text()), request.uint64(), request.bytes());
        return ok;
      case Type.lstat:
        return attributesPacket(id, await paths.stat(request.text(), false));
      case Type.stat:
        return attributesPacket(id, await paths.stat(request.text(), true));
      case Type.fstat:
        return attributesPacket(id, await this.#fstat(this.#file(request.text())));
      case Type.setstat:
        await paths.setstat(request.text(), request.attributes());
        return ok;
      case Type.fsetstat: {
        const file = this.#file(request.text());
        if (file.writer === undefined) await paths.setstat(file.path, request.attributes());
        else file.writer.setAttributes(request.attributes());
        return ok;
      }
      case Type.opendir: {
        const path = request.text();
        return this.#handlePacket(id, { kind: 'directory', path, names: await paths.list(path) });
      }
      case Type.readdir:
        return this.#readdir(id, request.text());
      case Type.remove:
        await paths.remove(request.text());
        return ok;
      case Type.mkdir:
        await paths.mkdir(request.text(), request.attributes());
        return ok;
      case Type.rmdir:
        await paths.rmdir(request.text());
        return ok;
      case Type.realpath:
        return namePacket(id, [bareName(await paths.realpath(request.text()))]);
      case Type.rename:
        await paths.rename(request.text(), request.text(), false);
        return ok;
      case Type.readlink:
        return namePacket(id, [bareName(await paths.readlink(request.text()))]);
      case Type.symlink:
        // OpenSSH sends the target first, against the draft; every client follows it.
        await paths.symlink(request.text(), request.text());
        return ok;
      case Type.extended:
        return this.#extended(id, request.text(), request, ok);
      default:
        throw new SftpError(Status.unsupported, 'Operation unsupported');
    }
  }

  async #extended(id: number, name: string, request: PacketReader, ok: Buffer): Promise<Buffer> {
    switch (name) {
      case 'posix-rename@openssh.com':
        await this.#paths.rename(request.text(), request.text(), true);
        return ok;
      case 'hardlink@openssh.com':
        await this.#paths.hardlink(request.text(), request.text());
        return ok;
      case 'lsetstat@openssh.com':
        await this.#paths.setstat(request.text(), request.attributes());
        return ok;
      case 'fsync@openssh.com':
        await this.#file(request.text()).writer?.flush();
        return ok;
      case 'statvfs@openssh.com':
        return packet(
          Type.extendedReply,
          { uint32: id },
          ...(await this.#paths.statvfs(request.text())),
        );
      case 'fstatvfs@openssh.com': {
        const { path } = this.#file(request.text());
        return packet(Type.extendedReply, { uint32: id }, ...(await this.#paths.statvfs(path)));
      }
      case 'limits@openssh.com':
        return packet(
          Type.extendedReply,
          { uint32: id },
          { uint64: LARGEST_TRANSFER + 1024 },
          { uint64: LARGEST_TRANSFER },
          { uint64: LARGEST_TRANSFER },
          { uint64: MOST_HANDLES },
        );
      default:
        throw new SftpError(Status.unsupported, 'Operation unsupported');
    }
  }

  async #open(
    requestId: number,
    path: string,
    flags: number,
    attributes: Attributes,
  ): Promise<Buffer> {
    if (this.#handles.size >= MOST_HANDLES)
      throw new SftpError(Status.failure, 'Too many open files');
    if ((flags & OpenFlag.write) === 0) {
      const { mode = 0 } = await this.#paths.stat(path, true);
      if (mode >> 12 === 4) throw new SftpError(Status.failure, 'Is a directory');
      const reader = new SftpReader(this.#shell, path);
      return this.#handlePacket(requestId, { kind: 'file', path, reader, writer: undefined });
    }
    const { mode } = attributes;
    const id = randomUUID();
    const writer = await SftpWriter.open(this.#shell, { path, flags, mode, id });
    const reader = new SftpReader(this.#shell, writer.path);
    return this.#handlePacket(requestId, { kind: 'file', path: writer.path, reader, writer });
  }

  async #close(name: string): Promise<void> {
    const handle = this.#handle(name);
    this.#handles.delete(name);
    if (handle.kind === 'directory') return;
    handle.reader.close();
    await handle.writer?.close();
  }

  async #read(
    id: number,
    { reader, writer }: Handle & { kind: 'file' },
    offset: number,
    length: number,
  ): Promise<Buffer> {
    await writer?.flush();
    const data = await reader.read(offset, Math.min(length, LARGEST_TRANSFER));
    if (data.length === 0 && length > 0) return statusPacket(id, Status.eof, 'End of file');
    return packet(Type.data, { uint32: id }, { bytes: data });
  }

  async #write({ writer }: Handle & { kind: 'file' }, offset: number, data: Buffer): Promise<void> {
    if (writer === undefined) throw new SftpError(Status.permissionDenied, 'Not open for writing');
    await writer.write(offset, data);
  }

  async #fstat({ path, writer }: Handle & { kind: 'file' }): Promise<Attributes> {
    await writer?.flush();
    return this.#paths.stat(path, true);
  }

  #readdir(id: number, name: string): Buffer {
    const handle = this.#handle(name);
    if (handle.kind !== 'directory') throw new SftpError(Status.failure, 'Not a directory');
    const names = handle.names.slice(0, NAMES_PER_REPLY);
    handle.names = handle.names.slice(NAMES_PER_REPLY);
    if (names.length === 0) return statusPacket(id, Status.eof, 'End of file');
    return namePacket(id, names);
  }

  #handlePacket(id: number, handle: Handle): Buffer {
    const name = String(this.#nextHandle);
    this.#nextHandle += 1;
    this.#handles.set(name, handle);
    return packet(Type.handle, { uint32: id }, { text: name });
  }

  #handle(name: string): Handle {
    const handle = this.#handles.get(name);
    if (handle === undefined) throw new SftpError(Status.failure, 'Invalid handle');
    return handle;
  }

  #file(name: string): Handle & { kind: 'file' } {
    const handle = this.#handle(name);
    if (handle.kind !== 'file') throw new SftpError(Status.failure, 'Is a directory');
    return handle;
  }

  async #send(data: Buffer): Promise<void> {
    if (this.#stream.write(data) || this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('drain', resolve);
      this.#stream.once('close', resolve);
    });
  }
}

async function discard(handle: Handle): Promise<void> {
  if (handle.kind === 'directory') return;
  handle.reader.close();
  await handle.writer?.discard();
}

function isStreamError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

function statusPacket(id: number, status: number, message: string): Buffer {
  return packet(Type.status, { uint32: id }, { uint32: status }, { text: message }, { text: 'en' });
}

function attributesPacket(id: number, attributes: Attributes): Buffer {
  return packet(Type.attrs, { uint32: id }, ...attributeFields(attributes));
}

function namePacket(id: number, files: readonly NamedFile[]): Buffer {
  const fields = files.flatMap(({ name, longName, attributes }) => [
    { text: name },
    { text: longName },
    ...attributeFields(attributes),
  ]);
  return packet(Type.name, { uint32: id }, { uint32: files.length }, ...fields);
}

function bareName(name: string): NamedFile {
  return { name, longName: name, attributes: {} };
}
