import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { isInstalled } from './program.ts';

export const hasOpenssl = isInstalled('openssl', 'version');

export interface PrivateCa {
  /** The file of the CA's certificate. */
  readonly file: string;
  /** The private key of a server on 127.0.0.1. */
  readonly key: string;
  readonly cert: string;
}

/** Creates a CA that no program trusts, and its certificate for 127.0.0.1, in `folder`. */
export function createPrivateCa(folder: string): PrivateCa {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=ecsh test CA'],
    ...['-keyout', path('ca.key'), '-out', path('ca.pem')],
  );
  openssl(
    ...['req', ...newKey, '-subj', '/CN=ecsh test'],
    ...['-keyout', path('server.key'), '-out', path('server.csr')],
  );
  writeFileSync(path('server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl(
    ...['x509', '-req', '-in', path('server.csr'), '-CA', path('ca.pem'), '-CAkey', path('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-extfile', path('server.ext')],
    ...['-out', path('server.pem')],
  );
  const read = (name: string) => readFileSync(path(name), 'utf8');
  return { file: path('ca.pem'), key: read('server.key'), cert: read('server.pem') };
}

/** An HTTPS server that answers hello. */
export function createHelloServer({ key, cert }: PrivateCa): Server {
  return createHttpsServer({ key, cert }, (_request, response) => response.end('hello'));
}

/** Terminates TLS and passes the bytes on to a port of this machine. */
export async function startTlsTerminator(
  { key, cert }: PrivateCa,
  port: number,
): Promise<{ readonly port: number; close(): void }> {
  const server = createServer({ key, cert }, (outer) => {
    const inner = connect(port, '127.0.0.1');
    for (const [from, to] of [[outer, inner] as const, [inner, outer] as const]) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server.address()), close: () => server.close() };
}

export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}
