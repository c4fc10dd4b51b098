import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentLines, StdinFeed, signalLine } from '#envelope/envelope-input.ts';

const WINDOW = 48 * 1024;

/** The lines that `take` returns, without their newlines. */
function lines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}

/** What `drain` counts for a line: the data and its newline, without the letter before it. */
function sizeOf(line: string): number {
  return line.startsWith('D') ? line.length : 0;
}

/** `printf %b`, as far as the lines use it. */
function fromEscapes(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\0([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    'latin1',
  );
}

describe('environmentLines', () => {
  it('writes one line for each variable, every byte but letters and digits as \\0ooo', () => {
    expect(environmentLines({ A: 'plain1', B: "it's\n$x é", EMPTY: '' })).toBe(
      'VA=plain1\nVB=it\\0047s\\0012\\0044x\\0040\\0303\\0251\nVEMPTY=\n',
    );
  });

  it('writes nothing for no variable', () => {
    expect(environmentLines({})).toBe('');
  });
});

describe('signalLine', () => {
  it('names the signal and the process group', () => {
    expect(signalLine('SIGTERM', 42)).toBe('KTERM 42\n');
  });
});

describe('StdinFeed', () => {
  it.each([
    ['base64', 'D3q0=\n'],
    ['escapes', 'D\\0336\\0255\n'],
  ] as const)('encodes for an image with %s', (encoding, line) => {
    const feed = new StdinFeed(encoding);
    feed.push(Uint8Array.of(0xde, 0xad));
    expect(feed.take()).toBe(line);
  });

  it.each([
    ['base64', (body: string) => Buffer.from(body, 'base64')],
    ['escapes', fromEscapes],
  ] as const)(
    'carries any bytes exactly, in lines that a terminal takes (%s)',
    (encoding, decode) => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 4 }), (chunks) => {
          const feed = new StdinFeed(encoding);
          for (const chunk of chunks) feed.push(chunk);
          feed.end();
          const all: string[] = [];
          for (let text = feed.take(); text !== ''; text = feed.take()) {
            const taken = lines(text);
            all.push(...taken);
            feed.acknowledge(taken.reduce((sum, line) => sum + sizeOf(line), 0));
          }
          expect(all.pop()).toBe('E');
          // PROTOCOL 8.7: 4095 bytes and the newline.
          expect(Math.max(0, ...all.map((line) => line.length))).toBeLessThanOrEqual(4095);
          expect(all.every((line) => line.startsWith('D'))).toBe(true);
          const data = Buffer.concat(all.map((line) => decode(line.slice(1))));
          expect(data.equals(Buffer.concat(chunks))).toBe(true);
        }),
      );
    },
  );

  it('lets out what fits the pipe of the envelope, and more as that is taken', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.alloc(100_000));
    const first = lines(feed.take());
    // 4000 characters and a newline each; the last one may begin just below the window.
    expect(first.map(sizeOf)).toEqual(Array.from({ length: 13 }, () => 4_001));
    expect(feed.take()).toBe('');
    expect(feed.hasRoom).toBe(false);
    feed.acknowledge(4_001);
    expect(lines(feed.take()).map(sizeOf)).toEqual([4_001]);
    feed.acknowledge(13 * 4_001);
    const rest = lines(feed.take());
    expect(rest.reduce((sum, line) => sum + sizeOf(line), 0)).toBeLessThan(WINDOW + 4_001);
  });

  it('has room while nothing waits', () => {
    const feed = new StdinFeed('base64');
    expect(feed.hasRoom).toBe(true);
    feed.push(Buffer.from('x'));
    expect(feed.hasRoom).toBe(false);
    feed.take();
    expect(feed.hasRoom).toBe(true);
  });

  it('tells the end once, after everything before it', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.alloc(40_000));
    feed.end();
    expect(feed.take()).not.toContain('E\n');
    feed.acknowledge(WINDOW);
    expect(feed.take().endsWith('\nE\n')).toBe(true);
    feed.end();
    feed.abandon();
    expect(feed.take()).toBe('');
  });

  it('tells the end of an empty input', () => {
    const feed = new StdinFeed('base64');
    feed.end();
    expect(feed.take()).toBe('E\n');
  });

  it('drops what waits when the command has ended, and tells the end', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.alloc(100_000));
    feed.take();
    feed.abandon();
    expect(feed.take()).toBe('E\n');
    expect(feed.hasRoom).toBe(true);
  });
});
