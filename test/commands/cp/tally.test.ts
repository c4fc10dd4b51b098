import { expect, it } from 'vitest';
import { Tally } from '#commands/cp/tally.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

function tallyOf(size: number | undefined) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const nothing = () => undefined;
  const progress = { update: (text: string) => lines.push(text), say: nothing, end: nothing };
  return { clock, lines, tally: new Tally({ clock, source: 'x.log', size, progress }) };
}

it('shows how much of a file has passed, and how fast, ten times a second', async () => {
  const { clock, lines, tally } = tallyOf(2_000_000);
  tally.onFile();
  tally.onBytes(500_000);
  await clock.advance(99);
  tally.onBytes(1);
  await clock.advance(1_901);
  tally.onBytes(499_999);
  expect(lines).toEqual(['0 B of 2.0 MB, 0 %  x.log', '1.0 MB of 2.0 MB, 50 %  500 kB/s  x.log']);
});

it('shows how many files of a directory have passed', async () => {
  const { clock, lines, tally } = tallyOf(undefined);
  for (let file = 0; file < 3; file++) {
    await clock.advance(100);
    tally.onFile();
    tally.onBytes(10);
  }
  expect(lines).toEqual(['0 B  x.log', '2 files, 10 B  x.log', '3 files, 20 B  x.log']);
  expect(tally).toMatchObject({ files: 3, bytes: 30 });
});

it('never shows more than all of a file that has grown meanwhile', () => {
  const { lines, tally } = tallyOf(undefined);
  tally.onSize(10);
  tally.onBytes(25);
  expect(lines).toEqual(['25 B of 10 B, 100 %  x.log']);
});
