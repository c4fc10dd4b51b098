import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '#local/clock.ts';

const DAY = 86_400_000;

it('timers may be longer than those of Node, which would run at once', () => {
  // Nothing here waits: over 60 days a timer of a neighbour in this process would ring millions of times.
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
