import { expect, it } from 'vitest';
import { inBatches } from '#aws/ecs/batches.ts';
import { settle } from '#test/fakes/manual-clock.ts';

it('fetches in batches, eight at a time, and returns them in order', async () => {
  const items = Array.from({ length: 95 }, (_, index) => index);
  const waiting: (() => void)[] = [];
  let most = 0;
  const answers = inBatches(items, 10, async (batch) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return batch;
  });
  while (waiting.length > 0) {
    most = Math.max(most, waiting.length);
    // Answers the last request first.
    waiting.pop()?.();
    await settle();
  }
  expect((await answers).flat()).toEqual(items);
  expect((await answers).map((batch) => batch.length)).toEqual([...Array(9).fill(10), 5]);
  expect(most).toBe(8);
});

it('fails with the first failure', async () => {
  const failing = inBatches([1, 2, 3], 1, async ([item]) => {
    if (item === 2) throw new Error('two');
  });
  await expect(failing).rejects.toThrow('two');
});
