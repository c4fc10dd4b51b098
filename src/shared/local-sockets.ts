import type { Duplex } from 'node:stream';

/** A socket that only programs of the same user can open. */
export interface SocketListener {
  readonly path: string;
  /** Removes the socket. Open connections stay open. */
  close(): Promise<void>;
}

/** How two programs of one user on this machine find each other. */
export interface LocalSockets {
  /** @throws EcshError `connect-unsupported` where a socket cannot be kept to one user */
  listen(onConnection: (connection: Duplex) => void): Promise<SocketListener>;
  /**
   * @returns undefined when the socket is not this user's
   * @throws EcshError `connect-gone` when nothing listens there any more
   */
  connect(path: string): Promise<Duplex | undefined>;
}
