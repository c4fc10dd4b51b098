import type { Duplex } from 'node:stream';
import ssh2, { type AcceptConnection, type Connection, type Session } from 'ssh2';

/**
 * The algorithms that we offer to ssh. ssh2 has no post-quantum key exchange, and none is needed here: the bytes never
 * leave the pipe between ssh and ecsh.
 */
const ALGORITHMS = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-256'],
  compress: ['none'],
} as const;

/** Maximum number of bytes queued for a client that does not read. */
const MAX_UNREAD = 4 * 1024 * 1024;

export interface SshServerOptions {
  /** The pipe to ssh. */
  readonly stream: Duplex;
  /** The private key of the host in OpenSSH's format. */
  readonly hostKey: string;
  /** The reason to refuse the client; ssh prints it and exits with 255. Undefined: accept the client. */
  readonly refusal?: string | undefined;
  readonly onSession: (accept: AcceptConnection<Session>, user: string) => void;
  readonly onTcp: (request: TcpRequest) => void;
}

/** ssh2 accepts any duplex stream, but its types ask for a socket. */
interface StreamAcceptor {
  injectSocket(stream: Duplex): void;
}

/** A connection that `ssh -L`, `-D` or `-W` asks for. */
export interface TcpRequest {
  readonly host: string;
  readonly port: number;
  accept(): Duplex;
  reject(): void;
}

/**
 * Serves one ssh client on a pipe until either side closes it. Authentication is `none`: the process at the other end of
 * the pipe started this one, and AWS checks its credentials.
 *
 * @returns when the connection has ended
 */
export async function serveSsh(options: SshServerOptions): Promise<void> {
  const { stream, hostKey, refusal } = options;
  const server = new ssh2.Server({
    hostKeys: [hostKey],
    ident: 'ecsh',
    algorithms: mutable(ALGORITHMS),
    ...(refusal === undefined ? {} : { banner: refusal }),
  });
  const ended = new Promise<void>((resolve) => {
    stream.once('close', resolve);
    server.once('connection', (client: Connection) => {
      welcome(client, options);
      client.once('close', resolve);
      client.once('end', resolve);
    });
  });
  const acceptor: StreamAcceptor = server;
  acceptor.injectSocket(stream);
  // Every channel that waits for the pipe listens for its `drain`.
  stream.setMaxListeners(0);
  stream.on('data', () => waitForReader(stream));
  await ended;
  stream.destroy();
}

/** Stops reading requests until the client has read the replies. */
function waitForReader(stream: Duplex): void {
  if (stream.writableLength < MAX_UNREAD || stream.isPaused()) return;
  stream.pause();
  stream.once('drain', () => stream.resume());
}

function welcome(client: Connection, { refusal, onSession, onTcp }: SshServerOptions): void {
  let user = '';
  // Every channel that writes while keys are exchanged listens for `rekey`.
  client.setMaxListeners(0);
  // A client that disconnects is not an error: `serveSsh` returns.
  client.on('error', () => client.end());
  client.on('authentication', (context) => {
    user = context.username;
    if (refusal === undefined) context.accept();
    else context.reject([]);
  });
  client.on('session', (accept) => onSession(accept, user));
  client.on('tcpip', (accept, reject, { destIP, destPort }) =>
    onTcp({ host: destIP, port: destPort, accept, reject }),
  );
}

function mutable<T extends Readonly<Record<string, readonly string[]>>>(lists: T) {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]));
}
