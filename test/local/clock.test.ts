import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '#local/clock.ts';

const DAY = 86_400_000;

it('timers may be longer than those of Node, which would run at once', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const rang: string[] = [];
  systemClock.after(60 * DAY, () => rang.push('60 days'));
  systemClock.after(Number.POSITIVE_INFINITY, () => rang.push('never'));
  const cancel = systemClock.after(50 * DAY, () => rang.push('cancelled'));
  await vi.advanceTimersByTimeAsync(40 * DAY);
  cancel();
  await vi.advanceTimersByTimeAsync(20 * DAY - 1);
  expect(rang).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(rang).toEqual(['60 days']);
});
