import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** The simulator's own web servers, for ports that a fleet maps to "http". */
export class DemoHttp {
  readonly #servers = new Map<string, Promise<Server>>();

  /** Loopback port of the server with that name; the first call starts it. */
  async portOf(name: string): Promise<number> {
    const starting = this.#servers.get(name) ?? listen(name);
    this.#servers.set(name, starting);
    return portOf(await starting);
  }

  async stop(): Promise<void> {
    for (const server of await Promise.all(this.#servers.values())) {
      server.close();
      server.closeAllConnections();
    }
  }
}

function listen(name: string): Promise<Server> {
  const server = createServer(({ method = '', url = '' }, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`Hello from ${name} in ecsh simulate: ${method} ${url}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}
