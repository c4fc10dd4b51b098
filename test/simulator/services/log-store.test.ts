import { describe, expect, it } from 'vitest';
import { LogStore } from '#simulator/services/log-store.ts';

describe('the logs of a container that writes without end', () => {
  it.each([
    ['the number of lines', { events: 4, characters: 1_000 }],
    ['their length', { events: 1_000, characters: 43 }],
  ])('are limited by %s, and end with a message', (_name, kept) => {
    const logs = new LogStore(kept);
    for (let count = 0; count < 10; count++) logs.append('group', 'stream', 'ten bytes.', 0);
    expect(logs.events('group').map(({ message }) => message)).toEqual([
      ...Array.from({ length: 4 }, () => 'ten bytes.'),
      'ecsh simulate: the logs are full, and later lines are not kept.',
    ]);
  });
});
