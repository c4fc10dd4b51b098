import { beforeEach, describe, expect, it } from 'vitest';
import type { PortDestination } from '#domain/port-forward.ts';
import { ProxyClient } from '#forward/proxy-client.ts';
import type { TunnelListener } from '#forward/route.ts';
import { FakeConnection } from '#test/fakes/fake-local.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

const CONNECT = 'CONNECT db:5432 HTTP/1.1\r\n\r\n';
const OK = 'data HTTP/1.1 200 Connection established\r\n\r\n';

let clock: ManualClock;
let connection: FakeConnection;
let asked: { readonly destination: PortDestination; readonly listener: TunnelListener }[];
let client: ProxyClient;
let closed: number;

beforeEach(() => {
  clock = new ManualClock();
  connection = new FakeConnection();
  asked = [];
  closed = 0;
  client = new ProxyClient({
    clock,
    connection,
    connect: (destination, listener) => asked.push({ destination, listener }),
    onDebug: () => undefined,
    onClosed: () => {
      closed += 1;
    },
  });
});

/** Reads the connection as the tunnel does, and returns a log of its events. */
function carry() {
  const log: string[] = [];
  client.listen({
    onReadable: () => {
      for (let data = client.read(); data !== undefined; data = client.read()) log.push(`${data}`);
    },
    onEnd: () => log.push('end'),
    onClose: () => log.push('close'),
  });
  return log;
}

describe('a client of the proxy', () => {
  it('connects to its destination, and keeps the data that it sent early', () => {
    connection.send(`${CONNECT}early`);
    expect(asked.map(({ destination }) => destination)).toEqual([{ host: 'db', port: 5432 }]);
    expect(connection.log).toEqual([]);
    asked[0]?.listener.onConnected();
    const log = carry();
    connection.send('later');
    client.write(Buffer.from('answer'), () => undefined);
    connection.sendEnd();
    connection.disappear();
    expect(connection.log).toEqual([OK, 'data answer']);
    expect(log).toEqual(['early', 'later', 'end', 'close']);
    expect([closed, clock.timers]).toEqual([1, []]);
  });

  it('passes on its early data and half-close after it is connected', async () => {
    connection.send(`${CONNECT}early`);
    connection.sendEnd();
    asked[0]?.listener.onConnected();
    const log = carry();
    await settle();
    expect(log).toEqual(['early', 'end']);
    expect(connection.log).toEqual([OK]);
  });

  it('gets an error response on a refusal, and is closed', () => {
    connection.send(CONNECT);
    asked[0]?.listener.onRefused('unknown-host');
    expect(connection.log).toEqual([
      'data HTTP/1.1 502 Unknown host\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      'end',
      'close',
    ]);
    expect(closed).toBe(1);
  });

  it('is closed if it speaks no proxy protocol', () => {
    connection.send('\x16\x03\x01');
    expect(asked).toEqual([]);
    expect(connection.log.at(-1)).toBe('close');
  });

  it('is dropped after thirty seconds without a complete request', async () => {
    connection.send('CONN');
    await clock.advance(30_000);
    expect(connection.log).toEqual(['close']);
  });

  it('is dropped if it ends before its request is complete', () => {
    connection.send('CONN');
    connection.sendEnd();
    expect(connection.log).toEqual(['close']);
    expect(clock.timers).toEqual([]);
  });
});
