import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { portOf } from '#test/helpers/private-ca.ts';

export interface FakeProxy {
  readonly port: number;
  /** `CONNECT host:port`, with the authorization if there is one. */
  readonly requests: readonly string[];
}

/** A proxy for CONNECT on loopback for the running test; `answer` can refuse with a status line. */
export async function startFakeProxy(
  answer: (authorization: string | undefined) => string = () => '200 OK',
  server: Server = createServer(),
): Promise<FakeProxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket) => {
    const authorization = request.headers['proxy-authorization'];
    requests.push(
      `CONNECT ${request.url}${authorization === undefined ? '' : ` ${authorization}`}`,
    );
    const status = answer(authorization);
    if (!status.startsWith('200')) {
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 6\r\n\r\nsecret`);
      return;
    }
    const [host = '', port] = (request.url ?? '').split(':');
    const inner = connect(Number(port), host, () => socket.write(`HTTP/1.1 ${status}\r\n\r\n`));
    for (const [from, to] of [[socket, inner] as const, [inner, socket] as const]) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: portOf(server.address()), requests };
}
