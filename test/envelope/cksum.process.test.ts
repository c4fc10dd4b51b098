import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cksum } from '#envelope/cksum.ts';
import { isInstalled } from '#test/helpers/program.ts';
import { rounds } from '#test/helpers/rounds.ts';

function sum(...parts: readonly Uint8Array[]): string {
  const cksum = new Cksum();
  for (const part of parts) cksum.update(part);
  return cksum.toString();
}

describe('Cksum', () => {
  // From cksum(1) of GNU coreutils.
  it.each([
    ['', '4294967295 0'],
    ['a', '1220704766 1'],
    ['123456789', '930766865 9'],
  ])('of %j equals the output of cksum', (text, printed) => {
    expect(sum(Buffer.from(text))).toBe(printed);
  });

  it.skipIf(!isInstalled('cksum', '/dev/null'))('agrees with cksum on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (input) => {
        expect(sum(input)).toBe(execFileSync('cksum', { input }).toString().trim());
      }),
      { numRuns: rounds(20) },
    );
  });

  it('does not depend on how the bytes are split', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
        expect(sum(bytes.subarray(0, at), bytes.subarray(at))).toBe(sum(bytes));
      }),
    );
  });
});
