import { expect, it } from 'vitest';
import { GapWatch } from '#protocol/gap-watch.ts';

const MINUTE = 60_000;

it('gives each missing message its own minute (S-12)', () => {
  const watch = new GapWatch();
  watch.look({ hasGap: true, expectedSequenceNumber: 3 }, 1_000);
  watch.look({ hasGap: true, expectedSequenceNumber: 3 }, 9_000);
  expect(watch.deadline).toBe(1_000 + MINUTE);
  watch.look({ hasGap: true, expectedSequenceNumber: 5 }, 9_000);
  expect(watch.deadline).toBe(9_000 + MINUTE);
});

it('ends with the gap, or while nothing can arrive', () => {
  const watch = new GapWatch();
  watch.look({ hasGap: true, expectedSequenceNumber: 3 }, 0);
  watch.look({ hasGap: false, expectedSequenceNumber: 4 }, 1);
  expect(watch.deadline).toBeUndefined();
  watch.look({ hasGap: true, expectedSequenceNumber: 4 }, 2);
  watch.stop();
  expect(watch.deadline).toBeUndefined();
});
