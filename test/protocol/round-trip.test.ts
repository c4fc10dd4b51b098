import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoundTrip } from '#protocol/round-trip.ts';
import { rounds } from '#test/helpers/rounds.ts';

describe('the retransmission timeout (4.5)', () => {
  it('starts at 200 ms', () => {
    expect(new RoundTrip().timeout).toBe(200);
  });

  // Calculated by hand from the three formulas, starting with SRTT 100 and RTTVAR 0.
  it.each([
    [[100], 110],
    [[20], 90 + 80],
    [[200], 112.5 + 100],
    [[100, 100, 100], 110],
    [[20, 20], 81.25 + 4 * (0.75 * 20 + 0.25 * 70)],
    [[0], 87.5 + 100],
    [[10_000], 1000],
  ])('after round trips of %j ms is %d ms', (samples, timeout) => {
    expect(estimate(samples).timeout).toBeCloseTo(timeout, 9);
  });

  it('approaches a steady round trip, with at least 10 ms of margin', () => {
    expect(estimate(Array.from({ length: 200 }, () => 30)).timeout).toBeCloseTo(40, 3);
  });

  it('doubles for every missing answer, up to a second (S-9)', () => {
    const roundTrip = new RoundTrip();
    const timeouts = [1, 2, 3, 4].map(() => {
      roundTrip.backOff();
      return roundTrip.timeout;
    });
    expect(timeouts).toEqual([400, 800, 1000, 1000]);
  });

  it('resets the doubling at the next answer', () => {
    const roundTrip = new RoundTrip();
    roundTrip.backOff();
    roundTrip.sample(100);
    expect(roundTrip.timeout).toBe(110);
  });

  it('treats a clock that was set back as a round trip of 0', () => {
    expect(estimate([-3_600_000]).timeout).toBe(estimate([0]).timeout);
  });

  it('always stays between 10 ms and a second', () => {
    const step = fc.oneof(fc.double({ min: -1e7, max: 1e7, noNaN: true }), fc.constant('back off'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const roundTrip = new RoundTrip();
        for (const each of steps) {
          if (typeof each === 'number') roundTrip.sample(each);
          else roundTrip.backOff();
          expect(roundTrip.timeout).toBeGreaterThanOrEqual(10);
          expect(roundTrip.timeout).toBeLessThanOrEqual(1000);
        }
      }),
      { seed: 1, numRuns: rounds(300) },
    );
  });
});

function estimate(samples: readonly number[]): RoundTrip {
  const roundTrip = new RoundTrip();
  for (const sample of samples) roundTrip.sample(sample);
  return roundTrip;
}
