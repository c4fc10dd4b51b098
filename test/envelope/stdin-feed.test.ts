import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cksum } from '#envelope/cksum.ts';
import { MAX_LINE } from '#envelope/numbered-lines.ts';
import { StdinFeed } from '#envelope/stdin-feed.ts';

/** Nine pipes of 16 pages, each with at least 3 KiB in lines of up to 1 KiB. */
const WINDOW = 9 * 16 * 3072;
/** Encoded characters of a full line. */
const FULL = 1008;

const sizes = (lines: readonly string[]) => lines.map((line) => line.length - 1);
const total = (lines: readonly string[]) => sizes(lines).reduce((sum, size) => sum + size, 0);

/** The part of printf's format that the lines use. */
function fromEscapes(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    'latin1',
  );
}

/** Returns the characters that were released, and the `cksum` of the bytes that they encode. */
function endLine(characters: number, data: Uint8Array): string {
  const sum = new Cksum();
  sum.update(data);
  const text = `.${characters}.${sum}-`;
  return `E${text}${'-'.repeat((4 - (text.length % 4)) % 4)}`;
}

describe('StdinFeed', () => {
  it.each([
    ['base64', 'D3q0='],
    ['escapes', 'D\\336\\255'],
  ] as const)('encodes for an image with %s', (encoding, line) => {
    const feed = new StdinFeed(encoding);
    feed.push(Uint8Array.of(0xde, 0xad));
    expect(feed.take()).toEqual([line]);
  });

  it.each([
    ['base64', (body: string) => Buffer.from(body, 'base64')],
    ['escapes', fromEscapes],
  ] as const)('encodes any bytes exactly, in units of four characters (%s)', (encoding, decode) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 4 }), (chunks) => {
        const feed = new StdinFeed(encoding);
        for (const chunk of chunks) feed.push(chunk);
        feed.end();
        const all: string[] = [];
        for (let lines = feed.take(); lines.length > 0; lines = feed.take()) {
          all.push(...lines);
          feed.acknowledge(total(lines.filter((line) => line.startsWith('D'))));
        }
        const sent = Buffer.concat(chunks);
        expect(all.pop()).toBe(endLine(total(all), sent));
        expect(Math.max(0, ...all.map((line) => line.length))).toBeLessThanOrEqual(MAX_LINE);
        expect(all.filter((line) => !line.startsWith('D') || line.length % 4 !== 1)).toEqual([]);
        const padded = all.slice(0, -1).filter((line) => line.includes('='));
        expect(padded).toEqual([]);
        const data = Buffer.concat(all.map((line) => decode(line.slice(1))));
        expect(data.equals(sent)).toBe(true);
      }),
    );
  });

  it('releases as much as fits the pipes of the envelope, and more as the container reads', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.alloc(600_000));
    const first = feed.take();
    expect(new Set(sizes(first))).toEqual(new Set([FULL]));
    expect(total(first)).toBe(Math.floor(WINDOW / FULL) * FULL);
    expect(feed.take()).toEqual([]);
    expect(feed.hasRoom).toBe(false);
    feed.acknowledge(150 * FULL);
    expect(sizes(feed.take())).toEqual(Array.from({ length: 150 }, () => FULL));
  });

  it('releases 1 MiB if the command reads all of it', () => {
    const feed = new StdinFeed('base64', true);
    feed.push(Buffer.alloc(2_000_000));
    expect(total(feed.take())).toBe(Math.floor((1024 * 1024) / FULL) * FULL);
    feed.acknowledge(190 * FULL);
    expect(feed.take()).toEqual([]);
    feed.acknowledge(10 * FULL);
    expect(feed.take()).toHaveLength(200);
  });

  it('waits for more room than a line needs, because small blocks cost as much as large ones', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.alloc(600_000));
    const first = feed.take();
    feed.acknowledge(145 * FULL);
    expect(feed.take()).toEqual([]);
    feed.acknowledge(FULL);
    expect(feed.take()).toHaveLength(146);
    feed.acknowledge(total(first));
    expect(feed.take().length).toBeGreaterThan(0);
  });

  it('releases a small write at once while little is in transit', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.alloc(24_000));
    expect(total(feed.take())).toBe(32_000);
    feed.push(Buffer.from('xyz'));
    expect(feed.take()).toEqual(['DeHl6']);
  });

  it('gathers small writes into a block during a transfer, and sends them when little is in transit or at the end', () => {
    const feed = new StdinFeed('base64');
    const chunk = Buffer.alloc(12_096);
    for (let round = 0; round < 3; round += 1) {
      feed.push(chunk);
      expect(feed.take()).toHaveLength(16);
    }
    for (let round = 0; round < 9; round += 1) {
      feed.push(chunk);
      expect([feed.take().length, feed.hasRoom]).toEqual([0, true]);
    }
    feed.push(chunk);
    expect(feed.take()).toHaveLength(160);
    feed.push(chunk);
    expect(feed.take()).toEqual([]);
    feed.acknowledge(164 * FULL);
    expect(feed.take()).toEqual([]);
    feed.acknowledge(12 * FULL);
    expect(feed.take()).toHaveLength(16);
    feed.push(chunk);
    expect(feed.take()).toEqual([]);
    feed.end();
    expect(feed.take()).toHaveLength(17);
  });

  // BusyBox's base64 -d drops input after a `=`, and the envelope decodes all input that has arrived at once.
  it('sends nothing after a = until the container has read it', () => {
    const feed = new StdinFeed('base64');
    feed.push(Buffer.from('a'));
    expect(feed.take()).toEqual(['DYQ==']);
    feed.push(Buffer.from('bcd'));
    feed.push(Buffer.from('e'));
    expect(feed.take()).toEqual([]);
    feed.acknowledge(4);
    expect(feed.take()).toEqual(['DYmNkZQ==']);
    feed.acknowledge(8);
    feed.push(Buffer.alloc(2_000));
    expect(sizes(feed.take())).toEqual([FULL, FULL, 648]);
    expect(feed.take()).toEqual([]);
    feed.push(Buffer.from('fg'));
    expect(feed.take()).toEqual(['DAABm']);
    feed.acknowledge(2 * FULL + 648 + 4);
    expect(feed.take()).toEqual(['DZw==']);
    feed.push(Buffer.from('hi'));
    feed.end();
    feed.acknowledge(4);
    const lines = feed.take();
    expect(lines[0]).toBe('DaGk=');
    expect(lines).toHaveLength(2);
  });

  it('has room until a block waits', () => {
    const feed = new StdinFeed('base64');
    expect(feed.hasRoom).toBe(true);
    feed.push(Buffer.alloc(146 * 756));
    expect(feed.hasRoom).toBe(true);
    feed.push(Buffer.alloc(756));
    expect(feed.hasRoom).toBe(false);
    feed.take();
    expect(feed.hasRoom).toBe(true);
  });

  it('sends the end once, after everything before it', () => {
    const data = Buffer.alloc(400_000);
    const feed = new StdinFeed('base64');
    feed.push(data);
    feed.end();
    const first = feed.take();
    expect(first.some((line) => line.startsWith('E'))).toBe(false);
    feed.acknowledge(total(first));
    const rest = feed.take();
    expect(rest.at(-1)).toBe(endLine(total(first) + total(rest.slice(0, -1)), data));
    feed.end();
    feed.abandon();
    expect(feed.take()).toEqual([]);
  });

  it('sends the end of an empty input', () => {
    const feed = new StdinFeed('base64');
    feed.end();
    expect(feed.take()).toEqual(['E.0.4294967295 0-']);
  });

  it('drops waiting input when the command has ended, and ends the input that was sent', () => {
    const data = Buffer.alloc(300_000);
    const feed = new StdinFeed('base64');
    feed.push(data);
    const first = feed.take();
    feed.abandon();
    const sent = data.subarray(0, (total(first) / 4) * 3);
    expect(feed.take()).toEqual([endLine(total(first), sent)]);
    expect(feed.hasRoom).toBe(true);
  });
});
