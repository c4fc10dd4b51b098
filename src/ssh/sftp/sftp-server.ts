import { type Duplex, PassThrough } from 'node:stream';
import { SftpError } from './sftp-error.ts';
import { LARGEST_TRANSFER, MAX_HANDLES, SftpHandles } from './sftp-handles.ts';
import { type PacketReader, PacketSplitter, packet, Status, Type } from './sftp-packets.ts';
import { SftpPaths } from './sftp-paths.ts';
import {
  attributesReply,
  bareNameReply,
  dataReply,
  endOfFileReply,
  extendedReply,
  handleReply,
  nameReply,
  okReply,
  statusReply,
} from './sftp-replies.ts';
import type { SftpShell } from './sftp-shell.ts';

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
  // The `cp` command of sftp uses it. Source: draft-ietf-secsh-filexfer-extensions-00, 7.
  ['copy-data', '1'],
];

/** Serves SFTP on a stream until the stream ends. Requests are answered in order. */
export class SftpServer {
  readonly #stream: Duplex;
  readonly #paths: SftpPaths;
  readonly #handles: SftpHandles;

  constructor(stream: Duplex, shell: SftpShell) {
    this.#stream = stream;
    this.#paths = new SftpPaths(shell);
    this.#handles = new SftpHandles(shell, this.#paths);
  }

  async serve(): Promise<void> {
    const splitter = new PacketSplitter();
    try {
      // Do not iterate over the stream itself, because that would close both directions at the end of its input.
      for await (const chunk of this.#stream.pipe(new PassThrough())) {
        for (const request of splitter.push(chunk)) await this.#answer(request);
      }
    } catch (error) {
      // Invalid packets and a broken stream end the connection.
      if (!(error instanceof RangeError) && !isStreamError(error)) throw error;
    } finally {
      await this.#handles.discard();
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
      const { status, message } = statusOf(error);
      await this.#send(statusReply(id, status, message));
    }
  }

  async #perform(id: number, request: PacketReader): Promise<Buffer> {
    switch (request.type) {
      case Type.lstat:
        return attributesReply(id, await this.#paths.stat(request.text(), false));
      case Type.stat:
        return attributesReply(id, await this.#paths.stat(request.text(), true));
      case Type.fstat:
        return attributesReply(id, await this.#handles.stat(request.text()));
      case Type.open: {
        const [path, flags, attributes] = [request.text(), request.uint32(), request.attributes()];
        return handleReply(id, await this.#handles.open(path, flags, attributes));
      }
      case Type.opendir:
        return handleReply(id, await this.#handles.openDirectory(request.text()));
      case Type.read: {
        const [handle, offset, length] = [request.text(), request.uint64(), request.uint32()];
        const data = await this.#handles.read(handle, offset, length);
        return data.length === 0 && length > 0 ? endOfFileReply(id) : dataReply(id, data);
      }
      case Type.readdir: {
        const names = this.#handles.readDirectory(request.text());
        return names.length === 0 ? endOfFileReply(id) : nameReply(id, names);
      }
      case Type.realpath:
        return bareNameReply(id, await this.#paths.realpath(request.text()));
      case Type.readlink:
        return bareNameReply(id, await this.#paths.readlink(request.text()));
      case Type.extended:
        return this.#extended(id, request);
      default:
        await this.#change(request);
        return okReply(id);
    }
  }

  /** Handles a request whose reply is only a status. */
  async #change(request: PacketReader): Promise<void> {
    switch (request.type) {
      case Type.close:
        return this.#handles.close(request.text());
      case Type.write:
        return this.#handles.write(request.text(), request.uint64(), request.bytes());
      case Type.setstat:
        return this.#paths.setstat(request.text(), request.attributes());
      case Type.fsetstat:
        return this.#handles.setstat(request.text(), request.attributes());
      case Type.remove:
        return this.#paths.remove(request.text());
      case Type.mkdir:
        return this.#paths.mkdir(request.text(), request.attributes());
      case Type.rmdir:
        return this.#paths.rmdir(request.text());
      case Type.rename:
        return this.#paths.rename(request.text(), request.text(), false);
      case Type.symlink:
        // OpenSSH sends the target first, unlike the draft (PROTOCOL of OpenSSH, 4.1).
        return this.#paths.symlink(request.text(), request.text());
      default:
        throw unsupported();
    }
  }

  async #extended(id: number, request: PacketReader): Promise<Buffer> {
    switch (request.text()) {
      case 'posix-rename@openssh.com':
        await this.#paths.rename(request.text(), request.text(), true);
        return okReply(id);
      case 'hardlink@openssh.com':
        await this.#paths.hardlink(request.text(), request.text());
        return okReply(id);
      case 'lsetstat@openssh.com':
        await this.#paths.lsetstat(request.text(), request.attributes());
        return okReply(id);
      case 'fsync@openssh.com':
        await this.#handles.flush(request.text());
        return okReply(id);
      case 'copy-data': {
        const [source, from, length] = [request.text(), request.uint64(), request.uint64()];
        const target = request.text();
        await this.#handles.copy(source, target, { from, length, to: request.uint64() });
        return okReply(id);
      }
      case 'statvfs@openssh.com':
        return extendedReply(id, await this.#paths.statvfs(request.text()));
      case 'fstatvfs@openssh.com': {
        const path = this.#handles.pathOf(request.text());
        return extendedReply(id, await this.#paths.statvfs(path));
      }
      case 'limits@openssh.com':
        return extendedReply(id, [
          { uint64: LARGEST_TRANSFER + 1024 },
          { uint64: LARGEST_TRANSFER },
          { uint64: LARGEST_TRANSFER },
          { uint64: MAX_HANDLES },
        ]);
      default:
        throw unsupported();
    }
  }

  async #send(data: Buffer): Promise<void> {
    if (this.#stream.write(data) || this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('drain', resolve);
      this.#stream.once('close', resolve);
    });
  }
}

function statusOf(error: Error): { readonly status: number; readonly message: string } {
  if (error instanceof SftpError) return error;
  if (error instanceof RangeError) return { status: Status.badMessage, message: 'Bad message' };
  return { status: Status.failure, message: error.message };
}

function unsupported(): SftpError {
  return new SftpError(Status.unsupported, 'Operation unsupported');
}

function isStreamError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
