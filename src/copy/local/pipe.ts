import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * A pipe as a stream on the event loop. Reads and writes of `node:fs` wait for the other program in a thread, which
 * keeps ecsh from exiting on a signal.
 *
 * @throws Error with the system's `code`: `ENXIO` when a pipe without a reader is opened for writing
 */
export function openPipe(path: Buffer, direction: 'read' | 'write'): Socket {
  const readable = direction === 'read';
  const access = readable ? constants.O_RDONLY : constants.O_WRONLY;
  const fd = openSync(path, access | constants.O_NONBLOCK);
  return new Socket({ fd, readable, writable: !readable });
}
