import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplacementRepair } from '#envelope/replacement-repair.ts';
import { Utf8HoldBack } from '#simulator/agent/utf8-hold-back.ts';
import { anyText } from '#test/helpers/any-text.ts';

/** Text with more U+FFFD and other characters that begin with EF than usual. */
const texts = fc
  .array(fc.constantFrom('\ufffd', '\uff21', '\uf8ff', 'a', 'é', '€', '😀', '\n'))
  .map((characters) => characters.join(''));

function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (const length of lengths) {
    chunks.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return [...chunks, rest];
}

describe('ReplacementRepair', () => {
  it("reverts the agent's damage of text, however both are split", () => {
    const lengths = fc.array(fc.nat({ max: 9 }));
    fc.assert(
      fc.property(texts, lengths, lengths, (text, reads, frames) => {
        const agent = new Utf8HoldBack();
        // The envelope's last frame is ASCII, so no part of the stream is held back forever.
        const end = '....';
        const sent = cut(Buffer.from(text + end), reads).map((read) => agent.push(read));
        const repair = new ReplacementRepair();
        const mended = cut(Buffer.concat(sent), frames).map((frame) => repair.pass(frame));
        expect(Buffer.concat(mended).toString()).toBe(text + end);
      }),
    );
  });

  it('leaves undamaged text unchanged', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = Buffer.from(`${text}.`);
        expect(Buffer.compare(new ReplacementRepair().pass(bytes), bytes)).toBe(0);
      }),
    );
  });
});
