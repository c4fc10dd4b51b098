import { expect, it } from 'vitest';
import { LineSplitter } from '#envelope/line-splitter.ts';

/** Returns all lines of the chunks, one after the other. */
function linesOf(chunks: readonly string[]): readonly string[] {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for (const chunk of chunks) {
    let line = splitter.next(Buffer.from(chunk, 'latin1'));
    for (; line !== undefined; line = splitter.next(new Uint8Array(0))) lines.push(line);
  }
  return lines;
}

it('finds lines in chunks that are split anywhere, without CR', () => {
  expect(linesOf(['a\nb', 'c\r', '\n\n', 'd'])).toEqual(['a', 'bc', '']);
});

it('drops the whole of a line that is too long', () => {
  const long = 'x'.repeat(40_000);
  expect(linesOf(['a\n', long, long, 'x0\nb\n'])).toEqual(['a', 'b']);
});
