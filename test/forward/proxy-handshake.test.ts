import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HandshakeEvent, ProxyHandshake } from '#forward/proxy-handshake.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const show = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Events with their bytes as strings. */
function shown(events: readonly HandshakeEvent[]): readonly object[] {
  return events.map((event) => {
    if (event.type === 'send') return { send: Buffer.from(event.bytes).toString('hex') };
    if (event.type === 'reject') return { reject: show(event.bytes), problem: event.problem };
    return {
      connect: event.destination,
      accepted: show(event.accepted),
      refused: show(event.refused('refused')),
      rest: show(event.rest),
    };
  });
}

const SOCKS5_HELLO = '05 02 00 02';
const SOCKS5_OK = hex('05 00 00 01 00000000 0000').toString('latin1');
const SOCKS5_REFUSED = hex('05 05 00 01 00000000 0000').toString('latin1');

const HANDSHAKES: readonly (readonly [string, Buffer, readonly object[]])[] = [
  [
    'SOCKS 5 with a name',
    Buffer.concat([
      hex(`${SOCKS5_HELLO} 05 01 00 03 0b`),
      Buffer.from('db.internal'),
      hex('1538'),
      Buffer.from('early'),
    ]),
    [
      { send: '0500' },
      {
        connect: { host: 'db.internal', port: 5432 },
        accepted: SOCKS5_OK,
        refused: SOCKS5_REFUSED,
        rest: 'early',
      },
    ],
  ],
  [
    'SOCKS 5 with an address',
    hex('05 01 00 05 01 00 01 0a000005 0050'),
    [
      { send: '0500' },
      {
        connect: { host: '10.0.0.5', port: 80 },
        accepted: SOCKS5_OK,
        refused: SOCKS5_REFUSED,
        rest: '',
      },
    ],
  ],
  [
    'SOCKS 5 with an IPv6 address',
    hex('05 01 00 05 01 00 04 fd000000000000000000000000000001 0050'),
    [
      { send: '0500' },
      {
        connect: { host: 'fd00:0:0:0:0:0:0:1', port: 80 },
        accepted: SOCKS5_OK,
        refused: SOCKS5_REFUSED,
        rest: '',
      },
    ],
  ],
  [
    'SOCKS 5 with a password only',
    hex('05 01 02'),
    [{ reject: '\x05\xff', problem: 'it insists on a password, and this proxy has none' }],
  ],
  [
    'SOCKS 5 with the BIND command',
    hex('05 01 00 05 02 00 01 00000000 0050'),
    [
      { send: '0500' },
      {
        reject: hex('05 07 00 01 00000000 0000').toString('latin1'),
        problem: 'it asks for more than outgoing connections',
      },
    ],
  ],
  [
    'SOCKS 4',
    hex('04 01 0050 0a000005 6d6500'),
    [
      {
        connect: { host: '10.0.0.5', port: 80 },
        accepted: '\x00\x5a\0\0\0\0\0\0',
        refused: '\x00\x5b\0\0\0\0\0\0',
        rest: '',
      },
    ],
  ],
  [
    'SOCKS 4a',
    Buffer.concat([hex('04 01 0050 00000001 00'), Buffer.from('db\0')]),
    [
      {
        connect: { host: 'db', port: 80 },
        accepted: '\x00\x5a\0\0\0\0\0\0',
        refused: '\x00\x5b\0\0\0\0\0\0',
        rest: '',
      },
    ],
  ],
  [
    'HTTP CONNECT',
    Buffer.from('CONNECT db.internal:443 HTTP/1.1\r\nHost: db.internal\r\n\r\nhello'),
    [
      {
        connect: { host: 'db.internal', port: 443 },
        accepted: 'HTTP/1.1 200 Connection established\r\n\r\n',
        refused:
          'HTTP/1.1 502 Connection refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        rest: 'hello',
      },
    ],
  ],
  [
    'HTTP GET',
    Buffer.from('GET http://x/ HTTP/1.1\r\n\r\n'),
    [
      {
        reject: 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        problem: 'it requests a page: use CONNECT or SOCKS',
      },
    ],
  ],
  [
    'a CONNECT without a port',
    Buffer.from('CONNECT db.internal HTTP/1.1\r\n\r\n'),
    [
      {
        reject: 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        problem: 'its CONNECT request has no valid host and port',
      },
    ],
  ],
];

describe('the handshake of a proxy', () => {
  it.each(HANDSHAKES)('parses %s', (_name, bytes, expected) => {
    expect(shown(new ProxyHandshake().receive(bytes))).toEqual(expected);
  });

  it.each(HANDSHAKES)('parses it in any fragments: %s', (_name, bytes, expected) => {
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 5 });
    fc.assert(
      fc.property(cuts, (places) => {
        const handshake = new ProxyHandshake();
        const events: HandshakeEvent[] = [];
        const bounds = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        let rest = '';
        for (const [index, end] of bounds.slice(1).entries()) {
          const part = bytes.subarray(bounds[index], end);
          const isDone = events.some(({ type }) => type !== 'send');
          if (isDone) rest += part.toString('latin1');
          else events.push(...handshake.receive(part));
        }
        const seen = shown(events).map((event) =>
          'rest' in event ? { ...event, rest: `${event.rest}${rest}` } : event,
        );
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('rejects other protocols at their first bytes', () => {
    const [event] = new ProxyHandshake().receive(hex('16 03 01 02 00'));
    expect(event).toMatchObject({ type: 'reject', problem: 'it does not use a proxy protocol' });
  });

  it('rejects a request that never ends', () => {
    const events = new ProxyHandshake().receive(
      Buffer.from(`CONNECT a:1 HTTP/1.1\r\n${'x'.repeat(20_000)}`),
    );
    expect(events).toMatchObject([{ type: 'reject', problem: 'its request is too long' }]);
  });

  it('never throws, on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => new ProxyHandshake().receive(bytes)).not.toThrow();
      }),
    );
  });
});
