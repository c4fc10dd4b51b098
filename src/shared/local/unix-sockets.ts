import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import type { LocalListener, LocalSockets } from '#shared/local-sockets.ts';

/** Surroundings of this process. */
export interface UnixSocketOptions {
  readonly platform: NodeJS.Platform;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  /** A folder of this user alone that ends with the login; else the temporary folder. */
  readonly runtimeFolder: string | undefined;
}

/**
 * Unix sockets: mode 0600 in a new folder of mode 0700. Node.js cannot ask for the peer's uid, so the side that
 * connects checks the owner of both, and the folder keeps others out.
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
      if (uid === undefined || !(await isOwn(path, uid))) return undefined;
      return open(path);
    },
  };
}

function unsupported(): EcshError {
  return new EcshError(
    'connect-unsupported',
    'ecsh connect needs Unix sockets, which Windows keeps open to others.',
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
      // It is named, but not there: a container, a cron job.
    }
  }
  return mkdtemp(join(tmpdir(), PREFIX));
}

const PREFIX = 'ecsh-';

async function listenIn(
  folder: string,
  onConnection: (connection: Duplex) => void,
): Promise<LocalListener> {
  const path = join(folder, 'session');
  const server = createServer(onConnection);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
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

/** A socket of another user would learn what runs, and the values of its variables. */
async function isOwn(path: string, uid: number): Promise<boolean> {
  try {
    const [socket, folder] = await Promise.all([stat(path), stat(dirname(path))]);
    return socket.uid === uid && folder.uid === uid && (folder.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
