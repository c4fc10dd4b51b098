import { connect, type Socket } from 'node:net';

/** Opens a connection to the session's destination. */
export type Dial = () => Promise<Socket>;

/** Resolves when connected. The remote end can half-close. */
export function dialTcp(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // Pending reads and writes fail too.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Resolves when the kernel has accepted the data. */
export function writeSurely(socket: Socket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()));
  });
}
