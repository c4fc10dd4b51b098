import type { Duplex } from 'node:stream';

/** A socket that only programs of the same user can open. */
export interface SocketListener {
  readonly path: string;
  /** Removes the socket. Open connections stay open. */
  close(): Promise<void>;
}

/** Connects two programs of one user on this machine. */
export interface LocalSockets {
  /** @throws EcshError `connect-unsupported` if a socket cannot be limited to one user */
  listen(onConnection: (connection: Duplex) => void): Promise<SocketListener>;
  /**
   * @returns undefined if the socket is not this user's
   * @throws EcshError `connect-gone` if there is no longer a listener
   */
  connect(path: string): Promise<Duplex | undefined>;
}
