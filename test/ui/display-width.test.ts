import { describe, expect, it } from 'vitest';
import { cutToWidth, displayWidth, padToWidth } from '#ui/display-width.ts';

describe('a text on a terminal', () => {
  it.each([
    ['', 0],
    ['prod/web', 8],
    ['日本', 4],
    ['e\u0301', 1],
    ['🙂', 2],
    ['↑↓ · …', 6],
  ])('%j takes %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  it.each([
    ['web', 3, 'web'],
    ['worker', 5, 'work…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['↑↓ move', 5, '↑↓ m…'],
    ['👩‍👩‍👧 family', 4, '👩‍👩‍👧 …'],
    ['worker', 1, '…'],
  ])('%j is cut to %i columns: %j', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
  });

  it.each([
    ['web', 5, 'web  '],
    ['日本', 5, '日本 '],
    ['worker', 5, 'worker'],
  ])('%j is padded to %i columns', (text, columns, padded) => {
    expect(padToWidth(text, columns)).toBe(padded);
  });
});
