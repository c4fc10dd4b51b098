import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const DURATION = /^(?:\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/;

/**
 * `90`, `90s`, `1.5m`, `250ms`, `1h30m`, in milliseconds; a number alone is seconds, as in timeout(1).
 *
 * @returns undefined for any other text
 */
export function durationOf(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(PART)].map(
    ([, count, unit = 's']) => [Number(count), unit] as const,
  );
  const counted = parts.length === 0 ? [[Number(text), 's'] as const] : parts;
  return Math.round(counted.reduce((sum, [count, unit]) => sum + count * (UNITS[unit] ?? 0), 0));
}

/** The same for a timer: Node's take 31 bits of milliseconds, 24 days. */
export function parseDuration(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds === undefined) {
    throw new InvalidArgumentError('Give a time such as 30s, 5m or 1h.');
  }
  if (milliseconds > 2 ** 31 - 1) throw new InvalidArgumentError('The longest time is 24d.');
  return milliseconds;
}
