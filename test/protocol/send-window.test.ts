import { expect, it } from 'vitest';
import { SendWindow } from '#protocol/send-window.ts';

it('grows by one, up to its maximum, with each answer while it is half full (S-11)', () => {
  const window = new SendWindow({ least: 4, most: 6 });
  window.grow(1);
  expect(window.size).toBe(4);
  for (const size of [5, 6, 6]) {
    window.grow(window.size);
    expect(window.size).toBe(size);
  }
});

it('is halved by a resend, down to its minimum', () => {
  const window = new SendWindow({ least: 4, most: 64 });
  for (let answers = 0; answers < 7; answers += 1) window.grow(window.size);
  window.shrink();
  expect(window.size).toBe(5);
  window.shrink();
  expect(window.size).toBe(4);
});
