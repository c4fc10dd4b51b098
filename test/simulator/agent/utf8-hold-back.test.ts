import { describe, expect, it } from 'vitest';
import { Utf8HoldBack } from '#simulator/agent/utf8-hold-back.ts';

function passThrough(...reads: string[]): string[] {
  const holdBack = new Utf8HoldBack();
  return reads.map((hex) => holdBack.push(Buffer.from(hex, 'hex')).toString('hex'));
}

describe('Utf8HoldBack', () => {
  it('never splits a character', () => {
    expect(passThrough('61e697', 'a562')).toEqual(['61', 'e697a562']);
    expect(passThrough('f09f98', '80')).toEqual(['', 'f09f9880']);
  });

  it('passes invalid bytes after three more have arrived', () => {
    expect(passThrough('ff', '6162', '63')).toEqual(['', '', 'ff616263']);
    expect(passThrough('c0af414243')).toEqual(['c0af414243']);
    expect(passThrough('eda08041')).toEqual(['ed']);
  });

  it('holds valid bytes that follow an invalid one near the end', () => {
    expect(passThrough('6162ff63')).toEqual(['6162']);
  });

  it('loses at most three bytes at the end', () => {
    expect(passThrough('616263fffec3')).toEqual(['616263']);
  });

  it('reduces U+FFFD to its first byte, unless it is held at the end of a read', () => {
    expect(passThrough('efbfbd41')).toEqual(['ef41']);
    expect(passThrough('41efbfbd', '42')).toEqual(['41', 'ef42']);
  });
});
