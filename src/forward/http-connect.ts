import type { HandshakeStep, Refusal } from './proxy-step.ts';

const END = '\r\n\r\n';

const STATUS: Readonly<Record<Refusal, string>> = {
  refused: '502 Connection refused',
  unreachable: '502 Host unreachable',
  'unknown-host': '502 Unknown host',
  'timed-out': '504 Connection timed out',
  failed: '502 Connection failed',
};

/** `CONNECT HOST:PORT HTTP/1.1` and headers, up to an empty line (RFC 9110, 9.3.6). */
export function readConnect(data: Buffer): HandshakeStep {
  const method = data.toString('latin1', 0, 'CONNECT '.length);
  // Refuse other protocols at once, instead of buffering them until an empty line.
  if (!/^[A-Z]+( |$)/.test(method))
    return rejection('400 Bad Request', 'it does not use a proxy protocol');
  const end = data.indexOf(END);
  if (end === -1) return { type: 'more' };
  const line = data.toString('latin1', 0, data.indexOf('\r\n'));
  if (!line.startsWith('CONNECT ')) {
    return rejection('405 Method Not Allowed', 'it requests a page: use CONNECT or SOCKS');
  }
  const match = /^CONNECT (?:\[([\da-f:.]+)\]|([^\s:[\]]+)):(\d{1,5}) HTTP\/1\.\d$/i.exec(line);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    return rejection('400 Bad Request', 'its CONNECT request has no valid host and port');
  }
  return {
    type: 'connect',
    destination: { host: match[1] ?? match[2], port },
    used: end + END.length,
    accepted: Buffer.from(`HTTP/1.1 200 Connection established${END}`),
    refused: (why) => response(STATUS[why]),
  };
}

function rejection(status: string, problem: string): HandshakeStep {
  return { type: 'reject', bytes: response(status), problem };
}

function response(status: string): Uint8Array {
  return Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close${END}`);
}
