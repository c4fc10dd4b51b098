import { describe, expect, it } from 'vitest';
import { parseDuration } from '#commands/durations.ts';

describe('parseDuration', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['1.5m', 90_000],
    ['250ms', 250],
    ['0.5ms', 1],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['24d', 2_073_600_000],
    ['1h30m', 5_400_000],
    ['1m0.5s', 60_500],
    ['0', 0],
  ])('reads %s as %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', 's', '-5', '+5', '5 s', '5x', '1e3', '1.', '.5', '5s5', '1h30', 'Infinity', '5S'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseDuration(text)).toThrow('Give a time such as 30s, 5m or 1h.');
    },
  );

  it('rejects a duration too long for a Node.js timer', () => {
    expect(() => parseDuration('25d')).toThrow('The longest time is 24d.');
  });
});
