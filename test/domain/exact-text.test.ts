import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesOfText, shownText, textOfBytes } from '#domain/exact-text.ts';
import { anyText } from '#test/helpers/any-text.ts';

it.each([
  ['plain text', 'a/b c', 'a/b c'],
  ['UTF-8', 'ü€😀', 'ü€😀'],
  ['latin1', Buffer.from([0x61, 0xe9, 0x62]), 'a\udce9b'],
  ['half a character', Buffer.from([0xe2, 0x82]), '\udce2\udc82'],
  ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x61]), '\ufeffa'],
])('reads a name with %s', (_name, bytes, text) => {
  expect(textOfBytes(Buffer.from(bytes))).toBe(text);
});

it('preserves any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      expect([...bytesOfText(textOfBytes(bytes))]).toEqual([...bytes]);
    }),
  );
});

it('preserves any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(textOfBytes(bytesOfText(text))).toBe(text);
    }),
  );
});

it('shows U+FFFD for bytes that are not UTF-8', () => {
  expect(shownText('a\udce9b')).toBe('a\ufffdb');
});
