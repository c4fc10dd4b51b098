import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * A pipe as a stream of the event loop. A read or write of `node:fs` waits for the other program in a thread, which
 * keeps ecsh from ending at a signal.
 *
 * @throws Error with a `code` of the system: `ENXIO` for a pipe that has no reader, when it is opened to write
 */
export function openPipe(path: Buffer, direction: 'read' | 'write'): Socket {
  const readable = direction === 'read';
  const access = readable ? constants.O_RDONLY : constants.O_WRONLY;
  const fd = openSync(path, access | constants.O_NONBLOCK);
  return new Socket({ fd, readable, writable: !readable });
}
