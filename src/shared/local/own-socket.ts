import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connectGone } from '#shared/connect-gone.ts';

/** A listener with a full queue answers EAGAIN; it has taken some of it after this time (ms). */
const RETRY_MS = 20;
/** About 30 s: a program that is suspended takes none of it. */
const MAX_ATTEMPTS = 1_500;

/**
 * Opens a Unix socket that this user made. The owner of another socket would see what runs, and the values of its
 * variables, so those are left alone.
 *
 * @param path of the socket, in a folder of its own
 * @param uid of this process
 * @returns undefined when the socket or its folder belongs to another user, or others may enter the folder
 * @throws EcshError `connect-gone` when nothing listens there any more, or takes no connections
 */
export async function openOwnSocket(path: string, uid: number): Promise<Socket | undefined> {
  if (!isOwn(path, uid)) return undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const opened = await open(path);
    if (opened !== 'busy') return opened;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw connectGone('does not answer');
}

/** Synchronous: the promises of `node:fs` are a module that nothing else of an `exec` needs. */
function isOwn(path: string, uid: number): boolean {
  try {
    const [socket, folder] = [statSync(path), statSync(path.slice(0, path.lastIndexOf('/') + 1))];
    return socket.uid === uid && folder.uid === uid && (folder.mode & 0o077) === 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw connectGone();
    return false;
  }
}

function open(path: string): Promise<Socket | 'busy' | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'EAGAIN') resolve('busy');
      else if (code === 'ECONNREFUSED' || code === 'ENOENT') reject(connectGone());
      else resolve(undefined);
    });
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
