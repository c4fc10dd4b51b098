import { expect, it } from 'vitest';
import { CopyProgress } from '#commands/cp/copy-progress.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

function progressOf(size: number | undefined) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const nothing = () => undefined;
  const progress = { update: (text: string) => lines.push(text), say: nothing, end: nothing };
  const width = () => 73;
  const options = { clock, source: 'x.log', size, progress, width };
  return { clock, lines, progress: new CopyProgress(options) };
}

it('shows the progress of a file at most ten times a second, and its rate after one second', async () => {
  const { clock, lines, progress } = progressOf(2_000_000);
  progress.onFile();
  progress.onBytes(500_000);
  await clock.advance(99);
  progress.onBytes(1);
  await clock.advance(1_901);
  progress.onBytes(499_999);
  expect(lines).toEqual([
    'x.log  [>                             ]  0 B of 2.0 MB  0%',
    'x.log  [==========>         ]  1.0 MB of 2.0 MB  50%  500 kB/s  0:02 left',
  ]);
});

it('calculates the rate over the last five seconds', async () => {
  const { clock, lines, progress } = progressOf(20_000_000);
  for (const bytes of [0, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 2_000_000]) {
    progress.onBytes(bytes);
    await clock.advance(1_000);
  }
  expect(lines.at(-1)).toBe(
    'x.log  [==>                  ]  2.1 MB of 20 MB  10%  408 kB/s  0:44 left',
  );
});

it('shows how many files of a directory were copied', async () => {
  const { clock, lines, progress } = progressOf(undefined);
  for (let file = 0; file < 3; file++) {
    await clock.advance(100);
    progress.onFile();
    progress.onBytes(10);
  }
  expect(lines).toEqual(['x.log  0 B', 'x.log  2 files, 10 B', 'x.log  3 files, 20 B']);
  expect(progress).toMatchObject({ files: 3, bytes: 30 });
});

it('keeps the first hundred skipped entries and links, and counts the rest', () => {
  const { progress } = progressOf(undefined);
  for (let entry = 0; entry < 250; entry++) {
    progress.onSkip(`skip ${entry}`);
    progress.onOutsideLink(`link ${entry}`);
  }
  expect(progress).toMatchObject({ skippedCount: 250, outsideLinkCount: 250 });
  expect([progress.skipped.length, progress.skipped[99]]).toEqual([100, 'skip 99']);
  expect([progress.outsideLinks.length, progress.outsideLinks[99]]).toEqual([100, 'link 99']);
});
