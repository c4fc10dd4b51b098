import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NewlineRepair } from '#envelope/newline-repair.ts';

describe('NewlineRepair', () => {
  it('reverts the changes of the terminal, however the output is split', () => {
    const texts = fc.array(fc.constantFrom('\r', '\n', 'a')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, fc.nat({ max: 30 }), fc.nat({ max: 30 }), (text, first, second) => {
        // A CR at the very end waits for the next byte.
        const written = `${text}.`;
        const onTerminal = Buffer.from(written.replaceAll('\n', '\r\n'));
        const repair = new NewlineRepair();
        const parts = [
          repair.pass(onTerminal.subarray(0, first)),
          repair.pass(onTerminal.subarray(first, first + second)),
          repair.pass(onTerminal.subarray(first + second)),
        ];
        expect(Buffer.concat(parts).toString()).toBe(written);
      }),
    );
  });
});
