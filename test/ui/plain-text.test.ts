import { describe, expect, it } from 'vitest';
import { plainText } from '#ui/plain-text.ts';

describe('plainText', () => {
  it.each([
    ['plain words, é 日本 \u{1f600}', 'plain words, é 日本 \u{1f600}'],
    ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['\u001b[2Jgone', '\\x1b[2Jgone'],
    ['over\rwritten', 'over\\x0dwritten'],
    ['a\u0000b\u0008c\u007fd', 'a\\x00b\\x08c\\x7fd'],
    ['8-bit \u009b2J', '8-bit \\x9b2J'],
    ['right \u202eto left\u2066 and \u2028 lines', 'right \\u202eto left\\u2066 and \\u2028 lines'],
    ['', ''],
  ])('shows %j as %j', (text, expected) => {
    expect(plainText(text)).toBe(expected);
  });
});
