/** Hears what a local program does with its connection. */
export interface LocalConnectionListener {
  /** The program has sent something: call `read`. */
  onReadable(): void;
  /** The program sends no more, and everything has been read. It may still receive, or be gone. */
  onEnd(): void;
  /** The connection is gone, or we have closed it. */
  onClose(): void;
}

/** A connection of a local program. It is read only when asked to. */
export interface LocalConnection {
  /** Must be called once, first. */
  listen(listener: LocalConnectionListener): void;
  /** Undefined when nothing has arrived. */
  read(): Uint8Array | undefined;
  /** @param onTaken the program, or the kernel for it, has taken everything */
  write(data: Uint8Array, onTaken: () => void): void;
  /** We send no more. `onSent`: the program, or the kernel for it, has taken everything. */
  end(onSent: () => void): void;
  /** Drops the connection. */
  close(): void;
  /** Drops the connection so that the program sees an error instead of the end. */
  reset(): void;
}

export interface ListenRequest {
  /** IP addresses. The first is required; this machine may lack the others. */
  readonly addresses: readonly string[];
  /** 0: any free port, the same on every address. */
  readonly port: number;
}

/** A Unix socket instead of addresses and a port. */
export interface SocketRequest {
  /** Its path. */
  readonly socket: string;
}

/** Accepts connections. */
export interface LocalListener {
  /** Empty for a Unix socket, whose port is 0. */
  readonly addresses: readonly string[];
  readonly port: number;
  close(): void;
}

/** @throws EcshError `port-in-use`, `port-forbidden`, `address-unusable` */
export type Listen = (
  request: ListenRequest | SocketRequest,
  onConnection: (connection: LocalConnection) => void,
) => Promise<LocalListener>;
