/** Receives the events of a local connection. */
export interface LocalConnectionListener {
  /** The program has sent data: call `read`. */
  onReadable(): void;
  /** The program has ended its input, and everything has been read. It may still receive, or have exited. */
  onEnd(): void;
  /** The connection is closed, by either side. */
  onClose(): void;
}

/** A connection of a local program. It is read only on request. */
export interface LocalConnection {
  /** Must be called once, first. */
  listen(listener: LocalConnectionListener): void;
  /** Undefined if no data has arrived. */
  read(): Uint8Array | undefined;
  /** @param onTaken called when the program, or the kernel for it, has accepted everything */
  write(data: Uint8Array, onTaken: () => void): void;
  /** Ends our side. `onSent`: the program, or the kernel for it, has accepted everything. */
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
