import { describe, expect, it } from 'vitest';
import { proseWidth, wrapProse } from '#ui/wrap.ts';

describe('wrapProse', () => {
  it.each<readonly [string, number | undefined, string]>([
    ['one two three', undefined, 'one two three'],
    ['one two three', 13, 'one two three'],
    ['one two three', 12, 'one two\n  three'],
    ['one two three', 1, 'one\n  two\n  three'],
    ['  Do this now:  ecsh ls demo', 40, '  Do this now:  ecsh ls demo'],
    ['  Do this now:  ecsh ls demo', 20, '  Do this now:\n    ecsh ls demo'],
    ['  Do this now:  ecsh ls demo', 8, '  Do\n  this\n  now:\n    ecsh ls demo'],
    ['a b\nc  d e', 4, 'a b\nc\n    d e'],
    ['It says:\n  | ecsh: Renew it: curl', 16, 'It says:\n  | ecsh: Renew\n  | it: curl'],
    ['日本 語語', 6, '日本\n  語語'],
    ['\u001b[31mecsh:\u001b[39m No. [x]', 9, '\u001b[31mecsh:\u001b[39m No.\n  [x]'],
  ])('%j in %s columns', (text, width, expected) => {
    expect(wrapProse(text, width, '  ')).toBe(expected);
  });
});

it.each([
  [{ isTTY: true, columns: 80 }, 80],
  [{ isTTY: true, columns: 200 }, 100],
  [{ isTTY: true, columns: 0 }, undefined],
  [{ columns: 80 }, undefined],
])('the width of %j is %s', (stream, width) => {
  expect(proseWidth(stream)).toBe(width);
});
