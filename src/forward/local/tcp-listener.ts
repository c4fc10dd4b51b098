import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { EcshError } from '#domain/errors/errors.ts';
import type {
  Listen,
  ListenRequest,
  LocalConnection,
  LocalConnectionListener,
  LocalListener,
} from '#forward/listener.ts';

/** The number of free ports to try if the port of the first address is in use on the next. */
const FREE_PORT_TRIES = 10;
/** The machine has no such address: IPv6 is off, as in most containers. */
const MISSING = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/** Listens on every address that this machine has, and at least on the first. */
export const listen: Listen = async (request, onConnection) => {
  if ('socket' in request) return listenOnSocket(request.socket, onConnection);
  for (let tries = 1; ; tries++) {
    const servers = new Map<string, Server>();
    const close = () => {
      for (const server of servers.values()) server.close();
    };
    try {
      await openAll(request, servers, (socket) => onConnection(new TcpConnection(socket)));
      return { addresses: [...servers.keys()], port: firstPort(servers), close };
    } catch (error) {
      close();
      const isFree = request.port === 0 && tries < FREE_PORT_TRIES;
      if (!isFree || codeOf(error) !== 'EADDRINUSE') throw listenError(error, request);
    }
  }
};

async function listenOnSocket(
  path: string,
  onConnection: (connection: LocalConnection) => void,
): Promise<LocalListener> {
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    onConnection(new TcpConnection(socket)),
  );
  const opened = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
  await opened.catch((cause: unknown) => {
    const isTaken = codeOf(cause) === 'EADDRINUSE';
    throw new EcshError(
      isTaken ? 'port-in-use' : 'port-forbidden',
      isTaken ? `${path} is already in use.` : `You may not listen on ${path}.`,
      { hint: 'Choose the path of a file that does not exist, in a folder of yours.', cause },
    );
  });
  server.on('error', () => undefined);
  return { addresses: [], port: 0, close: () => server.close() };
}

async function openAll(
  { addresses, port }: ListenRequest,
  servers: Map<string, Server>,
  onSocket: (socket: Socket) => void,
): Promise<void> {
  for (const host of addresses) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, onSocket);
    try {
      await listening(server, host, port === 0 ? firstPort(servers) : port);
      servers.set(host, server);
    } catch (error) {
      if (servers.size === 0 || !MISSING.includes(codeOf(error))) throw error;
    }
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: isIPv6(host) }, () => {
      server.off('error', reject);
      // For example too many open files: the next connection may succeed.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** 0 while nothing listens. */
function firstPort(servers: ReadonlyMap<string, Server>): number {
  const [first] = servers.values();
  const address = first?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function listenError(cause: unknown, { addresses: [first = ''], port }: ListenRequest) {
  const address = cause instanceof Error && 'address' in cause ? `${cause.address}` : first;
  const where = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new EcshError('port-in-use', `${where} is already in use.`, {
        hint: 'Choose another local port, such as 8080:80, or :80 for any free port.',
        cause,
      });
    case 'EACCES':
      return new EcshError('port-forbidden', `You may not listen on ${where}.`, {
        hint: 'Ports below 1024 usually need root: choose another local port, such as 8080:80.',
        cause,
      });
    case 'EADDRNOTAVAIL':
      return new EcshError(
        'address-unusable',
        `This machine does not have the address ${address}.`,
        {
          hint: "Give an address that it has, or '*' for all of them.",
          cause,
        },
      );
    default:
      return cause;
  }
}

class TcpConnection implements LocalConnection {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    // The error itself does not matter: `close` follows.
    socket.on('error', () => undefined);
  }

  listen(listener: LocalConnectionListener): void {
    const socket = this.#socket;
    if (socket.destroyed) {
      queueMicrotask(() => listener.onClose());
      return;
    }
    socket.on('readable', () => listener.onReadable());
    socket.on('end', () => listener.onEnd());
    socket.on('close', () => listener.onClose());
  }

  read(): Uint8Array | undefined {
    const data: unknown = this.#socket.read();
    return data instanceof Uint8Array ? data : undefined;
  }

  write(data: Uint8Array, onTaken: () => void): void {
    this.#socket.write(data, () => onTaken());
  }

  end(onSent: () => void): void {
    this.#socket.end(onSent);
  }

  close(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}
