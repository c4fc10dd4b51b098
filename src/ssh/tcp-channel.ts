import type { Duplex } from 'node:stream';
import type { LocalConnection, LocalConnectionListener } from '#forward/listener.ts';
import type { Tunnel } from '#forward/route.ts';
import { StdioConnection } from '#forward/stdio-connection.ts';
import type { TcpRequest } from './ssh-server.ts';

/**
 * Connects a channel of `ssh -L`, `-D` or `-W` to its destination. The channel opens after the destination has accepted
 * the connection, so that ssh reports a refused port as "open failed" and not as an empty response.
 */
export function connectChannel(tunnel: Tunnel, request: TcpRequest): void {
  const { host, port, accept, reject } = request;
  const connection = new LateConnection();
  tunnel.connect({ host, port }, connection, {
    onConnected: () => connection.open(accept()),
    onRefused: () => reject(),
  });
}

/** A connection whose channel opens later. Until then, the tunnel neither reads nor writes. */
class LateConnection implements LocalConnection {
  #listener: LocalConnectionListener | undefined;
  #connection: StdioConnection | undefined;

  open(channel: Duplex): void {
    const connection = new StdioConnection(channel, channel);
    this.#connection = connection;
    channel.on('error', () => undefined);
    if (this.#listener !== undefined) connection.listen(this.#listener);
    void connection.ended.then((end) => {
      if (end === 'closed') channel.end();
      else channel.destroy();
    });
  }

  listen(listener: LocalConnectionListener): void {
    this.#listener = listener;
    this.#connection?.listen(listener);
  }

  read(): Uint8Array | undefined {
    return this.#connection?.read();
  }

  write(data: Uint8Array, onTaken: () => void): void {
    this.#connection?.write(data, onTaken);
  }

  end(onSent: () => void): void {
    this.#connection?.end(onSent);
  }

  close(): void {
    this.#connection?.close();
  }

  reset(): void {
    this.#connection?.reset();
  }
}
