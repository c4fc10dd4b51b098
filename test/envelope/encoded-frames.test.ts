import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedFrames } from '#envelope/encoded-frames.ts';
import type { EnvelopeEvent } from '#envelope/envelope.ts';

function read(text: string, encoding: 'base64' | 'hex' = 'base64'): readonly EnvelopeEvent[] {
  const events: EnvelopeEvent[] = [];
  new EncodedFrames('abcd', encoding).read(Buffer.from(text), events);
  return events;
}

function damagedBy(text: string, encoding: 'base64' | 'hex' = 'base64') {
  const frames = new EncodedFrames('abcd', encoding);
  frames.read(Buffer.from(text), []);
  return frames.damaged();
}

describe('EncodedFrames', () => {
  it.each(['base64', 'hex'] as const)('gives back any bytes in %s (C-8)', (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        // No SOH: it might begin the end mark, and would wait for the next bytes.
        const written = Buffer.from(bytes.map((byte) => (byte === 1 ? 2 : byte)));
        const parts = read(`1${written.toString(encoding)}.\n`, encoding).flatMap((event) =>
          event.type === 'data' ? [event.data] : [],
        );
        expect(Buffer.concat(parts).equals(written)).toBe(true);
      }),
    );
  });

  it('does not treat other lines as frames', () => {
    expect(read('V\nDaGk=\nKTERM 12\nQ\nx\nxy\nx12y\npid\n\nu2\n')).toEqual([]);
  });

  it('reads the features that the envelope reports', () => {
    expect(read('p12\na345\nu\nx7\r\n')).toEqual([
      { type: 'started', pid: 12 },
      { type: 'taken', characters: 345 },
      { type: 'no-user-switch' },
      { type: 'status', status: 7 },
    ]);
  });

  describe('a line that a signal cut in two, with another line in between', () => {
    const data = Buffer.alloc(57, 'data').toString('base64');
    const lines = [`1${data}.`, '1YWI=.', `2${data}.`];
    const others = [...lines, 'a1024', 'p7', 'x0'];

    it.each(lines)('never treats the parts of %s as complete output', (cut) => {
      const taken = others.flatMap((other) =>
        Array.from({ length: cut.length - 1 }, (_, index) => index + 1)
          .map((at) => `${cut.slice(0, at)}${other}\n${cut.slice(at)}\n`)
          .filter((text) => damagedBy(text).length === 0),
      );
      expect(taken).toEqual([]);
    });

    it('is reported with its stream, or with both if the part does not show which', () => {
      expect(damagedBy('1AAA2AAAA.\nA.\n')).toEqual(['stdout', 'stderr']);
      expect(damagedBy('2AAA\n')).toEqual(['stderr']);
      expect(damagedBy('1 61 6.\n', 'hex')).toEqual(['stdout']);
      expect(damagedBy('1 61 62.\n', 'hex')).toEqual([]);
    });
  });
});
