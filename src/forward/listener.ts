/** What a local program does with its connection. */
export interface LocalConnectionListener {
  /** There is something to `read`. */
  onReadable(): void;
  /** It sends no more, and everything has been read. It may still receive, or be gone altogether. */
  onEnd(): void;
  /** It is gone, or we have closed it. */
  onClose(): void;
}

/** A TCP connection of a local program, which is read only when asked to. */
export interface LocalConnection {
  /** Called once, at first. */
  listen(listener: LocalConnectionListener): void;
  /** Undefined when nothing is there. */
  read(): Uint8Array | undefined;
  /** @param onTaken the program, or the kernel for it, has taken all of it */
  write(data: Uint8Array, onTaken: () => void): void;
  /** Nothing follows from us. `onSent`: the program, or the kernel for it, has taken everything. */
  end(onSent: () => void): void;
  /** Drops it. */
  close(): void;
  /** Drops it so that the program sees an error, and not an end. */
  reset(): void;
}

export interface ListenRequest {
  /** IP addresses, the first of which is meant in any case: the others may be missing here. */
  readonly addresses: readonly string[];
  /** 0: any that is free, the same on every address. */
  readonly port: number;
}

/** A Unix socket in place of addresses and a port. */
export interface SocketRequest {
  /** Its path. */
  readonly socket: string;
}

/** What accepts connections. */
export interface LocalListener {
  /** Empty, and the port 0, of a Unix socket. */
  readonly addresses: readonly string[];
  readonly port: number;
  close(): void;
}

/** @throws EcshError `port-in-use`, `port-forbidden`, `address-unusable` */
export type Listen = (
  request: ListenRequest | SocketRequest,
  onConnection: (connection: LocalConnection) => void,
) => Promise<LocalListener>;
