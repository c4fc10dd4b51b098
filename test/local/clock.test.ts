import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '#local/clock.ts';

const DAY = 86_400_000;

it('timers can be longer than the limit of Node.js, which would fire at once', () => {
  // Does not wait: if it advanced time by 60 days, timers of other tests in this process would fire millions of times.
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const rang: string[] = [];
  systemClock.after(60 * DAY, () => rang.push('60 days'));
  systemClock.after(Number.POSITIVE_INFINITY, () => rang.push('never'));
  const cancel = systemClock.after(50 * DAY, () => rang.push('cancelled'));
  vi.advanceTimersByTime(40 * DAY);
  cancel();
  vi.advanceTimersByTime(20 * DAY - 1);
  expect(rang).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(rang).toEqual(['60 days']);
});
