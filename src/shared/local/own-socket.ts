import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connectGone } from '#shared/connect-gone.ts';

/** Delay between attempts while the queue of the listener is full (EAGAIN), in ms. */
const RETRY_MS = 20;
/** About 30 s: a suspended listener never accepts. */
const MAX_ATTEMPTS = 1_500;

/**
 * Connects to a Unix socket if this user owns it, because another owner would see the command and the values of its
 * variables.
 *
 * @param path of the socket, in its own folder
 * @param uid of this process
 * @returns undefined if the socket or its folder belongs to another user, if others can enter the folder, or on an
 *   unexpected error
 * @throws EcshError `connect-gone` if there is no longer a listener, or it does not accept
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

/** Synchronous, so that a shared `exec` does not have to load `node:fs/promises`. */
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
