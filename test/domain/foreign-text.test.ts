import { describe, expect, it } from 'vitest';
import { boundedText, labelledText, markLines } from '#domain/foreign-text.ts';

describe('foreign text', () => {
  it.each([
    ['short', 'short'],
    ['  two\nlines\n', 'two\nlines'],
    ['of\r\nWindows', 'of\nWindows'],
    ['', ''],
    ['1\n2\n3\n4\n5\n6\n7\n8\n9\n10', '1\n2\n3\n4\n5\n6\n7\n8\n9\n10'],
    ['1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11', '1\n2\n3\n4\n5\n6\n7\n8\n9\n10 …'],
    ['x'.repeat(1024), 'x'.repeat(1024)],
    ['x'.repeat(1025), `${'x'.repeat(1024)} …`],
    [`${'\n'.repeat(5000)}x`, 'x'],
    [`a${'\n'.repeat(5000)}x`, 'a\n\n\n\n\n\n\n\n\n …'],
  ])('%j is %j', (text, bounded) => {
    expect(boundedText(text)).toBe(bounded);
  });

  it('appears below its label', () => {
    expect(labelledText('The agent says', 'ecsh: Renew it.\n')).toBe(
      'The agent says:\n  | ecsh: Renew it.',
    );
  });

  it('has a mark before every line', () => {
    const marked = 'Waiting: one\n  | two\n  |   three';
    expect(markLines('Waiting: one\ntwo\n  three')).toBe(marked);
    expect(markLines(marked)).toBe(marked);
  });
});
