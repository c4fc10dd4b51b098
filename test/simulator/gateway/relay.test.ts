import { describe, expect, it } from 'vitest';
import { type Faults, NO_FAULTS } from '#simulator/gateway/faults.ts';
import { Relay, randomSequence } from '#simulator/gateway/relay.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

async function relayed(faults: Partial<Faults>, count = 200): Promise<number[]> {
  const clock = new ManualClock();
  const arrived: number[] = [];
  const relay = new Relay({
    clock,
    faults: () => ({ ...NO_FAULTS, ...faults }),
    random: randomSequence(7),
    deliver: (frame) => arrived.push(frame[0] ?? -1),
  });
  for (let i = 0; i < count; i++) {
    relay.push(Uint8Array.of(i));
    await clock.advance(1);
  }
  await clock.advance(1000);
  return arrived;
}

const ALL = Array.from({ length: 200 }, (_, i) => i);

describe('Relay', () => {
  it('without faults, delivers everything at once and in order', async () => {
    expect(await relayed({})).toEqual(ALL);
  });

  it('delays without reordering', async () => {
    expect(await relayed({ delayMs: 50 })).toEqual(ALL);
  });

  it('limits the bandwidth without reordering', async () => {
    const clock = new ManualClock();
    const arrivals: number[] = [];
    const relay = new Relay({
      clock,
      faults: () => ({ ...NO_FAULTS, delayMs: 10, bytesPerSecond: 1000 }),
      random: randomSequence(7),
      deliver: () => arrivals.push(clock.now()),
    });
    const start = clock.now();
    for (let i = 0; i < 3; i++) relay.push(new Uint8Array(100));
    await clock.advance(1000);
    expect(arrivals.map((at) => at - start)).toEqual([110, 210, 310]);
  });

  it('drops, repeats and reorders identically for the same seed', async () => {
    const faults = { drop: 0.1, dup: 0.1, reorder: 0.1 };
    const first = await relayed(faults);
    expect(first).toEqual(await relayed(faults));
    expect(new Set(first).size).toBeLessThan(200);
    expect(first.length).toBeGreaterThan(new Set(first).size);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
  });
});
