import { describe, expect, it } from 'vitest';
import {
  describeDestination,
  isForward,
  parseDestination,
  parseForward,
  parseProxyPort,
  parseSshForward,
} from '#domain/port-forward.ts';

describe('a forward', () => {
  it.each([
    ['8080', 8080, undefined, 8080],
    ['8080:80', 8080, undefined, 80],
    [':80', 0, undefined, 80],
    ['0:80', 0, undefined, 80],
    ['8080:localhost:80', 8080, undefined, 80],
    ['LocalHost:80', 80, undefined, 80],
    ['db.internal:5432', 5432, 'db.internal', 5432],
    ['15432:db.internal:5432', 15_432, 'db.internal', 5432],
    [':db.internal:5432', 0, 'db.internal', 5432],
    ['0:db_1.internal.:5432', 0, 'db_1.internal.', 5432],
    ['10.0.0.5:80', 80, '10.0.0.5', 80],
    ['8080:127.0.0.1:80', 8080, '127.0.0.1', 80],
    ['[fd00::1]:5432', 5432, 'fd00::1', 5432],
    ['15432:[fd00::1]:5432', 15_432, 'fd00::1', 5432],
    ['65535:65535', 65_535, undefined, 65_535],
  ])('%s is read', (text, localPort, host, port) => {
    expect(parseForward(text)).toEqual({ localPort, host, port });
    expect(isForward(text)).toBe(true);
  });

  it.each([
    ['', 'it does not end with a port'],
    ['http', 'it does not end with a port'],
    ['80:', 'it does not end with a port'],
    ['80:http', 'it does not end with a port'],
    ['db.internal', 'it does not end with a port'],
    ['80:db:x', 'it does not end with a port'],
    ['8080:80/tcp', 'it does not end with a port'],
    ['-1', 'it does not end with a port'],
    ['0', 'there is no port 0'],
    ['8080:0', 'there is no port 0'],
    ['65536', 'there is no port 65536'],
    ['65536:80', 'there is no port 65536'],
    ['8080:99999999999999999999', 'there is no port 99999999999999999999'],
    [
      '0.0.0.0:8080:db:80',
      'it has too many parts. Put an IPv6 host in brackets; -L or --address says where to listen',
    ],
    [
      '5432:fd00::1:5432',
      'it has too many parts. Put an IPv6 host in brackets; -L or --address says where to listen',
    ],
    ['a b:80', '"a b" is not a host'],
    ['80:http//x:80', '"http//x" is not a host'],
    ['8080:80:80', '"80" is not a host'],
    [':80:80', '"80" is not a host'],
    ['[x]:80', '"[x]" is not a host'],
  ])('%j is refused with a reason', (text, problem) => {
    expect(() => parseForward(text)).toThrow(
      expect.objectContaining({
        code: 'forward-invalid',
        message: `Cannot read the forward "${text}": ${problem}.`,
        hint: 'Give [LOCAL:]PORT or [LOCAL:]HOST:PORT, for example 8080:80, :80 for any free local port, or 5432:db.internal:5432.',
      }),
    );
  });

  it.each(['169.254.169.254:80', '8080:169.254.169.253:53', '[FD00:EC2::254]:80'])(
    '%s is refused because the agent would not forward to it',
    (text) => {
      expect(() => parseForward(text)).toThrow(
        expect.objectContaining({ code: 'destination-forbidden' }),
      );
    },
  );
});

describe('a forward of ssh -L', () => {
  it.each([
    ['8080:localhost:80', { localPort: 8080, host: undefined, port: 80 }],
    ['8080:db.internal:5432', { localPort: 8080, host: 'db.internal', port: 5432 }],
    ['0.0.0.0:8080:db:80', { address: '0.0.0.0', localPort: 8080, host: 'db', port: 80 }],
    ['*:8080:db:80', { address: '*', localPort: 8080, host: 'db', port: 80 }],
    [':8080:db:80', { address: '*', localPort: 8080, host: 'db', port: 80 }],
    ['localhost:0:db:80', { address: 'localhost', localPort: 0, host: 'db', port: 80 }],
    ['[::1]:8080:[fd00::1]:80', { address: '[::1]', localPort: 8080, host: 'fd00::1', port: 80 }],
    ['8080:[fd00::1]:80', { localPort: 8080, host: 'fd00::1', port: 80 }],
    ['8080:80', { localPort: 8080, host: undefined, port: 80 }],
  ])('%s is read', (text, expected) => {
    expect(parseSshForward(text)).toEqual(expected);
  });

  it.each(['8080:/run/x.sock', '/run/x.sock:db:80', '1:2:3:4:5'])('%s is refused', (text) => {
    expect(() => parseSshForward(text)).toThrow(
      expect.objectContaining({ code: 'forward-invalid' }),
    );
  });
});

describe('a proxy port', () => {
  it.each([
    ['1080', { localPort: 1080 }],
    ['0', { localPort: 0 }],
    ['0.0.0.0:1080', { address: '0.0.0.0', localPort: 1080 }],
    [':1080', { address: '*', localPort: 1080 }],
    ['[::1]:1080', { address: '[::1]', localPort: 1080 }],
  ])('%s is read', (text, expected) => {
    expect(parseProxyPort(text)).toEqual(expected);
  });

  it.each(['', 'x', '1080:db:80', '99999', 'localhost:'])('%j is refused', (text) => {
    expect(() => parseProxyPort(text)).toThrow(
      expect.objectContaining({ code: 'forward-invalid' }),
    );
  });
});

describe('a destination without a local port', () => {
  it.each([
    ['22', { host: undefined, port: 22 }],
    ['localhost:22', { host: undefined, port: 22 }],
    ['db.internal:5432', { host: 'db.internal', port: 5432 }],
    ['[fd00::1]:22', { host: 'fd00::1', port: 22 }],
  ])('%s is read', (text, expected) => {
    expect(parseDestination(text)).toEqual(expected);
  });

  it.each(['', 'db', ':22', '22:db:22', 'db:0', 'a b:22'])('%j is refused', (text) => {
    expect(() => parseDestination(text)).toThrow(
      expect.objectContaining({ code: 'forward-invalid' }),
    );
  });
});

describe('a destination', () => {
  it.each([
    [{ host: undefined, port: 80 }, '80'],
    [{ host: 'db.internal', port: 5432 }, 'db.internal:5432'],
    [{ host: 'fd00::1', port: 5432 }, '[fd00::1]:5432'],
  ])('%j is shown as %s', (destination, text) => {
    expect(describeDestination(destination)).toBe(text);
  });
});
