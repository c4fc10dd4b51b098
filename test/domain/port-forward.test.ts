import { describe, expect, it } from 'vitest';
import { describeDestination, isForward, parseForward } from '#domain/port-forward.ts';

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
    ['', 'it has to end with a port'],
    ['http', 'it has to end with a port'],
    ['80:', 'it has to end with a port'],
    ['80:http', 'it has to end with a port'],
    ['db.internal', 'it has to end with a port'],
    ['80:db:x', 'it has to end with a port'],
    ['8080:80/tcp', 'it has to end with a port'],
    ['-1', 'it has to end with a port'],
    ['0', 'there is no port 0'],
    ['8080:0', 'there is no port 0'],
    ['65536', 'there is no port 65536'],
    ['65536:80', 'there is no port 65536'],
    ['8080:99999999999999999999', 'there is no port 99999999999999999999'],
    [
      '0.0.0.0:8080:db:80',
      'it has too many parts; an IPv6 host stands in brackets, and --address says where to listen',
    ],
    [
      '5432:fd00::1:5432',
      'it has too many parts; an IPv6 host stands in brackets, and --address says where to listen',
    ],
    ['a b:80', '"a b" is no host'],
    ['80:http//x:80', '"http//x" is no host'],
    ['8080:80:80', '"80" is no host'],
    [':80:80', '"80" is no host'],
    ['[x]:80', '"[x]" is no host'],
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
    '%s is nothing that the agent would forward to',
    (text) => {
      expect(() => parseForward(text)).toThrow(
        expect.objectContaining({ code: 'destination-forbidden' }),
      );
    },
  );
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
