import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import type { LocalSockets, SocketListener } from '#shared/local-sockets.ts';
import { openOwnSocket } from './own-socket.ts';

/** Facts about this process. */
export interface UnixSocketOptions {
  readonly platform: NodeJS.Platform;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  /** XDG_RUNTIME_DIR, which only this user can enter and which is removed at logout. Default: the temporary folder. */
  readonly runtimeFolder: string | undefined;
}

/**
 * Unix sockets of mode 0600, each in a new folder of mode 0700. Node.js cannot read the uid of a peer, so the folder
 * keeps other users out, and the side that connects checks who owns the folder and the socket.
 */
export function createUnixSockets({
  platform,
  uid,
  runtimeFolder,
}: UnixSocketOptions): LocalSockets {
  return {
    async listen(onConnection) {
      if (platform === 'win32' || uid === undefined) throw unsupported();
      return listenIn(await createFolder(runtimeFolder), onConnection);
    },
    async connect(path) {
      return uid === undefined ? undefined : openOwnSocket(path, uid);
    },
  };
}

function unsupported(): EcshError {
  return new EcshError(
    'connect-unsupported',
    'ecsh connect needs a Unix socket that only you can open, which Windows does not offer.',
    {
      hint: 'Run ecsh exec without it, or share a session in a program:  docs/library.md, connect()',
    },
  );
}

async function createFolder(runtimeFolder: string | undefined): Promise<string> {
  if (runtimeFolder !== undefined) {
    try {
      return await mkdtemp(join(runtimeFolder, PREFIX));
    } catch {
      // The variable can name a folder that does not exist, as in containers and cron jobs.
    }
  }
  return mkdtemp(join(tmpdir(), PREFIX));
}

const PREFIX = 'ecsh-';
/** Connections that can wait to be accepted; the kernel may lower this. */
const BACKLOG = 4_096;

async function listenIn(
  folder: string,
  onConnection: (connection: Duplex) => void,
): Promise<SocketListener> {
  const path = join(folder, 'session');
  const server = createServer(onConnection);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path, backlog: BACKLOG }, resolve);
    });
    await chmod(path, 0o600);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EcshError('connect-unsupported', `Cannot listen at ${path}: ${why}`, { cause });
  }
  return {
    path,
    async close() {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
