import { expect, it } from 'vitest';
import { InputQueue } from '#protocol/input-queue.ts';

it('splits input into payloads of 1024 bytes, in order (F-6, T-5)', () => {
  const queue = new InputQueue();
  queue.push(new Uint8Array(1025).fill(1));
  queue.push(new Uint8Array(1).fill(2));
  expect([queue.take()?.length, queue.take(), queue.take()]).toEqual([
    1024,
    Uint8Array.of(1),
    Uint8Array.of(2),
  ]);
  expect([queue.take(), queue.isEmpty]).toEqual([undefined, true]);
});

it('creates no payload for empty input (F-5)', () => {
  const queue = new InputQueue();
  queue.push(new Uint8Array());
  expect(queue.isEmpty).toBe(true);
});
