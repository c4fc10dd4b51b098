import { describe, expect, it } from 'vitest';
import { TimeBudget } from '#session/time-budget.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

describe('a time budget', () => {
  it.each([undefined, 0])('of %s sets no limit', async (limit) => {
    const clock = new ManualClock();
    const budget = new TimeBudget(clock, clock.now(), limit);
    expect(budget.leftMs).toBeUndefined();
    expect(await budget.spend(Promise.resolve('done'))).toBe('done');
  });

  it('counts from its start, not from the call', async () => {
    const clock = new ManualClock();
    const budget = new TimeBudget(clock, clock.now() - 400, 1000);
    expect(budget.leftMs).toBe(600);
    await clock.advance(500);
    expect(budget.leftMs).toBe(100);
    await clock.advance(500);
    expect(budget.leftMs).toBe(0);
  });

  it('passes faster work through, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const budget = new TimeBudget(clock, clock.now(), 1000);
    expect(await budget.spend(Promise.resolve('done'))).toBe('done');
    await expect(budget.spend(Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.timers).toEqual([]);
  });

  it('fails with the status of timeout(1) if the work takes longer', async () => {
    const clock = new ManualClock();
    const budget = new TimeBudget(clock, clock.now(), 1000);
    const spent = budget.spend(new Promise(() => undefined));
    const failed = expect(spent).rejects.toMatchObject({
      code: 'timed-out',
      message: 'The time limit passed before a session started.',
      exitCode: 124,
    });
    await clock.advance(1000);
    await failed;
  });
});
