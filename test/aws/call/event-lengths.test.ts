import { describe, expect, it } from 'vitest';
import { EventLengths } from '#aws/call/event-lengths.ts';

const MOST = 1_000;

function message(length: number, bytes = length): Buffer {
  const data = Buffer.alloc(Math.max(4, bytes));
  data.writeUInt32BE(length);
  return data;
}

function accepts(...chunks: readonly Uint8Array[]): boolean {
  const lengths = new EventLengths(MOST);
  return chunks.every((chunk) => lengths.accept(chunk));
}

describe('a stream of events', () => {
  it('accepts messages of any length up to the limit', () => {
    expect(accepts(Buffer.concat([message(16), message(MOST), message(17)]))).toBe(true);
  });

  it('may be split anywhere', () => {
    const all = Buffer.concat([message(16), message(300), message(20)]);
    expect(accepts(...Array.from(all, (byte) => Uint8Array.of(byte)))).toBe(true);
  });

  it.each([0, 1, 4, 15, MOST + 1, 0x7fff_ffff, 0xffff_ffff])(
    'rejects a message of %i bytes',
    (length) => {
      expect(accepts(message(20), message(length, 4))).toBe(false);
      const bytes = Array.from(message(length, 4), (byte) => Uint8Array.of(byte));
      expect(accepts(...bytes)).toBe(false);
    },
  );
});
