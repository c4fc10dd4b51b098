import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndFilter } from '#envelope/end-filter.ts';

const MARKER = Buffer.from('\u0001abab\u0002');

describe('EndFilter', () => {
  it('removes the marker, however it is split', () => {
    const before = Buffer.from('one \u0001ab \u0001abab');
    const data = Buffer.concat([before, MARKER, Buffer.from('after')]);
    for (let first = 0; first <= data.length; first++) {
      for (let second = first; second <= data.length; second++) {
        const filter = new EndFilter(MARKER);
        const parts = [
          data.subarray(0, first),
          data.subarray(first, second),
          data.subarray(second),
        ].map((part) => filter.pass(part));
        expect(Buffer.concat(parts).toString()).toBe(`${before}after`);
        expect([filter.takeEnd(), filter.takeEnd()]).toEqual([true, false]);
      }
    }
  });

  it('passes everything else, and holds back only a possible beginning of the marker', () => {
    const pieces = fc.constantFrom('\u0001', 'a', 'b', '\u0002', 'x', '\u0001aba');
    fc.assert(
      fc.property(fc.array(fc.array(pieces)), (chunks) => {
        const text = chunks.flat().join('');
        fc.pre(!text.includes(MARKER.toString()));
        const filter = new EndFilter(MARKER);
        const passed = chunks.map((chunk) => filter.pass(Buffer.from(chunk.join('')))).join('');
        expect(text.startsWith(passed)).toBe(true);
        expect(MARKER.toString().startsWith(text.slice(passed.length))).toBe(true);
        expect(filter.takeEnd()).toBe(false);
      }),
    );
  });
});
