import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CopyState, progressLine } from '#commands/cp/progress-line.ts';
import { displayWidth } from '#ui/display-width.ts';

const STATE: CopyState = {
  source: 'prod/web:/var/log/app.log',
  files: 1,
  bytes: 12_000_000,
  size: 27_000_000,
  rate: 1_200_000,
};

describe('the progress line of a copy', () => {
  it.each([
    [33, '…pp.log  44%  1.2 MB/s  0:13 left'],
    [73, 'prod/web:/var/log/app.log  12 MB of 27 MB  44%  1.2 MB/s  0:13 left'],
    [
      113,
      'prod/web:/var/log/app.log  [=============>                ]  12 MB of 27 MB  44%  1.2 MB/s  0:13 left',
    ],
  ])('at %i columns', (width, line) => {
    expect(progressLine(STATE, width)).toBe(line);
  });

  it.each<readonly [string, Partial<CopyState>, string]>([
    ['a stalled copy', { rate: 0 }, 'x  [====>      ]  12 MB of 27 MB  44%  0 B/s'],
    ['a slow copy', { rate: 1_000 }, 'x  12 MB of 27 MB  44%  1.0 kB/s  4 h left'],
    ['a file that has grown', { bytes: 28_000_000 }, 'x  28 MB of 27 MB  100%  1.2 MB/s'],
    ['an empty file', { size: 0, bytes: 0, rate: undefined }, 'x  0 B'],
    ['a directory', { size: undefined, files: 7 }, 'x  7 files, 12 MB  1.2 MB/s'],
  ])('of %s', (_name, changes, line) => {
    expect(progressLine({ ...STATE, source: 'x', ...changes }, 44)).toBe(line);
  });

  it('fits every terminal of at least forty columns', () => {
    const state = fc.record({
      source: fc.string(),
      files: fc.nat(),
      bytes: fc.nat(),
      size: fc.option(fc.nat(), { nil: undefined }),
      rate: fc.constant(undefined),
    });
    fc.assert(
      fc.property(state, fc.integer({ min: 34, max: 200 }), (each, width) => {
        expect(displayWidth(progressLine(each, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
