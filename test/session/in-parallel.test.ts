import { describe, expect, it } from 'vitest';
import { inParallel } from '#session/in-parallel.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

describe('inParallel', () => {
  it.each([
    [1, ['0 a', '2 b', '4 c', '6 d']],
    [3, ['0 a', '0 b', '0 c', '2 d']],
    [99, ['0 a', '0 b', '0 c', '0 d']],
  ])('processes %i at a time, in order', async (limit, expected) => {
    const clock = new ManualClock();
    const begun: string[] = [];
    const running = inParallel(['a', 'b', 'c', 'd'], limit, async (item) => {
      begun.push(`${clock.elapsed} ${item}`);
      await new Promise<void>((resolve) => clock.after(2, resolve));
    });
    await clock.advance(100);
    await running;
    expect(begun).toEqual(expected);
  });

  it('resolves at once without items', async () => {
    await inParallel([], 4, () => Promise.reject(new Error('there is nothing')));
  });

  it('rejects with the error of an item', async () => {
    const work = () => Promise.reject(new Error('broken'));
    await expect(inParallel(['a'], 4, work)).rejects.toThrow('broken');
  });
});
