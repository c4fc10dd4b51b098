import type { HandshakeStep, Refusal } from './proxy-step.ts';

const MORE: HandshakeStep = { type: 'more' };
const CONNECT = 1;

/** VERSION COUNT METHODS (RFC 1928, 3). We require no password, because only this machine reaches the port. */
export function readSocks5Greeting(data: Buffer): HandshakeStep {
  const count = data[1];
  if (count === undefined || data.length < 2 + count) return MORE;
  const used = 2 + count;
  if (data.subarray(2, used).includes(0)) {
    return { type: 'answer', bytes: Uint8Array.of(5, 0), used };
  }
  const problem = 'it insists on a password, and this proxy has none';
  return { type: 'reject', bytes: Uint8Array.of(5, 0xff), problem };
}

/** Replies of RFC 1928, 6. */
const REPLIES: Readonly<Record<Refusal, number>> = {
  failed: 1,
  unreachable: 3,
  'unknown-host': 4,
  refused: 5,
  'timed-out': 6,
};
const COMMAND_NOT_SUPPORTED = 7;
const ADDRESS_NOT_SUPPORTED = 8;

/** VERSION COMMAND 0 TYPE ADDRESS PORT (RFC 1928, 4). */
export function readSocks5Request(data: Buffer): HandshakeStep {
  const [, command, , type] = data;
  if (command === undefined || type === undefined) return MORE;
  if (data[0] !== 5) return socks5Rejection(1, 'its request is not one of SOCKS 5');
  if (command !== CONNECT) {
    return socks5Rejection(COMMAND_NOT_SUPPORTED, 'it asks for more than outgoing connections');
  }
  const address = readAddress(data, type);
  if (address === 'unknown') return socks5Rejection(ADDRESS_NOT_SUPPORTED, 'of an unknown address');
  if (address === undefined || data.length < address.end + 2) return MORE;
  return {
    type: 'connect',
    destination: { host: address.host, port: data.readUInt16BE(address.end) },
    used: address.end + 2,
    accepted: socks5Reply(0),
    refused: (why) => socks5Reply(REPLIES[why]),
  };
}

interface Address {
  readonly host: string;
  readonly end: number;
}

function readAddress(data: Buffer, type: number): Address | 'unknown' | undefined {
  switch (type) {
    case 1:
      return data.length < 8 ? undefined : { host: data.subarray(4, 8).join('.'), end: 8 };
    case 3: {
      const end = 5 + (data[4] ?? 0);
      if (data.length < 5 || data.length < end) return undefined;
      return { host: data.toString('latin1', 5, end), end };
    }
    case 4:
      return data.length < 20 ? undefined : { host: ipv6(data.subarray(4, 20)), end: 20 };
    default:
      return 'unknown';
  }
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
  return groups.join(':');
}

/** The address is that of our side of the connection, which clients do not need. */
function socks5Reply(code: number): Uint8Array {
  return Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
}

function socks5Rejection(code: number, problem: string): HandshakeStep {
  return { type: 'reject', bytes: socks5Reply(code), problem };
}

const FIXED_4 = 8;

/** VERSION COMMAND PORT IP USER 0, and in 4a, where the IP is 0.0.0.x, HOST 0. */
export function readSocks4(data: Buffer): HandshakeStep {
  const userEnd = data.indexOf(0, FIXED_4);
  if (data.length < FIXED_4 || userEnd === -1) return MORE;
  if (data[1] !== CONNECT) {
    return {
      type: 'reject',
      bytes: socks4Reply(0x5b),
      problem: 'it asks for more than outgoing connections',
    };
  }
  const isNamed = data.readUInt32BE(4) > 0 && data.readUInt32BE(4) < 256;
  const nameEnd = isNamed ? data.indexOf(0, userEnd + 1) : userEnd;
  if (nameEnd === -1) return MORE;
  const host = isNamed
    ? data.toString('latin1', userEnd + 1, nameEnd)
    : data.subarray(4, FIXED_4).join('.');
  return {
    type: 'connect',
    destination: { host, port: data.readUInt16BE(2) },
    used: nameEnd + 1,
    accepted: socks4Reply(0x5a),
    refused: () => socks4Reply(0x5b),
  };
}

function socks4Reply(code: number): Uint8Array {
  return Uint8Array.of(0, code, 0, 0, 0, 0, 0, 0);
}
