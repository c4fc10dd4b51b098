import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedFrames } from '#envelope/encoded-frames.ts';
import type { EnvelopeEvent } from '#envelope/envelope.ts';

function read(text: string, encoding: 'base64' | 'hex' = 'base64'): readonly EnvelopeEvent[] {
  const events: EnvelopeEvent[] = [];
  new EncodedFrames('abcd', encoding).read(Buffer.from(text), events);
  return events;
}

describe('EncodedFrames', () => {
  it.each(['base64', 'hex'] as const)('gives back any bytes in %s (C-8)', (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        // No SOH: it might begin the end mark, and waits for what follows.
        const written = Buffer.from(bytes.map((byte) => (byte === 1 ? 2 : byte)));
        const parts = read(`1${written.toString(encoding)}\n`, encoding).flatMap((event) =>
          event.type === 'data' ? [event.data] : [],
        );
        expect(Buffer.concat(parts).equals(written)).toBe(true);
      }),
    );
  });

  it('takes no line for a frame that is none', () => {
    expect(read('V\nDaGk=\nKTERM 12\nQ\nx\nxy\nx12y\npid\n\nu2\n')).toEqual([]);
  });

  it('reads what the envelope says of itself', () => {
    expect(read('p12\na345\nu\nx7\r\n')).toEqual([
      { type: 'started', pid: 12 },
      { type: 'taken', characters: 345 },
      { type: 'no-user-switch' },
      { type: 'status', status: 7 },
    ]);
  });
});
