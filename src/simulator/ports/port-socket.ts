import { connect, type Socket } from 'node:net';

/** Opens a connection to where a session forwards to. */
export type Dial = () => Promise<Socket>;

/** Settles when the connection is there. Its other end may close its half without closing ours. */
export function dialTcp(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // Whoever reads or writes is told as well.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Settles when the machine has taken the data. */
export function writeSurely(socket: Socket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()));
  });
}
