import { createServer } from 'node:http';
import { connect } from 'node:net';

/**
 * @typedef {object} Tunnels
 * @property {Readonly<Record<string, string>>} environment Leads ecsh through the proxy.
 * @property {() => number} cut Breaks every connection; says how many there were.
 * @property {() => void} close
 */

/**
 * A proxy of this machine, on loopback only, for CONNECT: to lose connections on purpose.
 *
 * @returns {Promise<Tunnels>}
 */
export async function openTunnels() {
  /** @type {Set<import('node:stream').Duplex>} */
  const open = new Set();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, near, head) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    const far = connect(Number(port), hostname, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        for (const other of [near, far]) other.destroy();
      });
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy = `http://127.0.0.1:${port}`;
  const cut = () => {
    const count = open.size / 2;
    for (const socket of open) socket.destroy();
    return count;
  };
  return {
    environment: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: '', no_proxy: '' },
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}
