import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90`, `90s`, `1.5m`, `250ms`, `2h`, in milliseconds; a number alone is seconds, as in timeout(1). */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  const unit = UNITS[match?.[2] ?? 's'];
  if (match === null || unit === undefined) {
    throw new InvalidArgumentError('Give a time such as 30s, 5m or 1h.');
  }
  const milliseconds = Number(match[1]) * unit;
  // Node's timers take 31 bits of milliseconds, 24 days.
  if (milliseconds > 2 ** 31 - 1) throw new InvalidArgumentError('The longest time is 24d.');
  return Math.round(milliseconds);
}
