import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { LocalConnection, LocalListener } from '#forward/listener.ts';
import { listen } from '#forward/local/tcp-listener.ts';

const LOCALHOST = ['127.0.0.1', '::1'];
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

describe('a listener', () => {
  it.runIf(hasIPv6)('takes the same free port on every address', async () => {
    const { listener, accepted } = await listenOn(LOCALHOST);
    expect(listener.addresses).toEqual(LOCALHOST);
    for (const host of LOCALHOST) await connectTo(listener.port, host);
    expect(accepted).toHaveLength(2);
  });

  it('skips an address that the machine does not have, unless it is the first', async () => {
    const { listener } = await listenOn(['127.0.0.1', '2001:db8::1']);
    expect(listener.addresses).toEqual(['127.0.0.1']);
    await expect(listenOn(['192.0.2.1', '127.0.0.1'])).rejects.toMatchObject({
      code: 'address-unusable',
      message: 'This machine does not have the address 192.0.2.1.',
    });
  });

  it('reports which port is in use', async () => {
    const port = await occupy('127.0.0.1');
    await expect(listenOn(LOCALHOST, port)).rejects.toMatchObject({
      code: 'port-in-use',
      message: `127.0.0.1:${port} is already in use.`,
    });
  });

  it.runIf(hasIPv6)(
    'does not share a port with another program on the second address',
    async () => {
      const port = await occupy('::1');
      await expect(listenOn(LOCALHOST, port)).rejects.toMatchObject({
        code: 'port-in-use',
        message: `[::1]:${port} is already in use.`,
      });
      // The port on the first address is free again.
      const { listener } = await listenOn(['127.0.0.1'], port);
      expect(listener.port).toBe(port);
    },
  );

  it('accepts no connections after it is closed', async () => {
    const { listener } = await listenOn(['127.0.0.1']);
    listener.close();
    await expect(connectTo(listener.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a local connection', () => {
  it('returns the data that has arrived, and reports the end after it was read', async () => {
    const { socket, connection } = await pair();
    const log = watch(connection);
    socket.end('hello');
    await until(() => log.includes('end'));
    expect(log.join('')).toBe('helloend');
  });

  it('carries a response after the other end has half-closed', async () => {
    const { socket, connection } = await pair();
    const log = watch(connection);
    socket.end();
    await until(() => log.includes('end'));
    const got = text(socket);
    let taken = 0;
    connection.write(Buffer.from('answer'), () => {
      taken += 1;
    });
    connection.end(() => undefined);
    expect(await got).toBe('answer');
    await until(() => log.includes('close'));
    expect(taken).toBe(1);
  });

  it('distinguishes a reset from a close', async () => {
    const reset = await pair();
    watch(reset.connection);
    const failed = once(reset.socket, 'error');
    reset.connection.reset();
    await expect(failed).resolves.toMatchObject([{ code: 'ECONNRESET' }]);
    const closed = await pair();
    watch(closed.connection);
    const got = text(closed.socket);
    closed.connection.close();
    expect(await got).toBe('');
  });

  it('reports a disconnect even to a later listener', async () => {
    const { socket, connection } = await pair();
    connection.close();
    await once(socket.resume(), 'end');
    const log = watch(connection);
    await until(() => log.includes('close'));
  });
});

async function listenOn(addresses: readonly string[], port = 0) {
  const accepted: LocalConnection[] = [];
  const listener: LocalListener = await listen({ addresses, port }, (connection) => {
    accepted.push(connection);
    open.push(connection);
  });
  open.push(listener);
  return { listener, accepted };
}

async function occupy(host: string): Promise<number> {
  const server: Server = createServer().listen(0, host);
  open.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function connectTo(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
}

async function pair(): Promise<{ socket: Socket; connection: LocalConnection }> {
  const { listener, accepted } = await listenOn(['127.0.0.1']);
  const socket = await connectTo(listener.port);
  await until(() => accepted.length > 0);
  const [connection] = accepted;
  if (connection === undefined) throw new Error('nothing was accepted');
  return { socket, connection };
}

/** Reads all data, and logs the events. */
function watch(connection: LocalConnection): string[] {
  const log: string[] = [];
  connection.listen({
    onReadable() {
      const data = connection.read();
      if (data !== undefined) log.push(Buffer.from(data).toString());
    },
    onEnd: () => log.push('end'),
    onClose: () => log.push('close'),
  });
  return log;
}

async function text(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
