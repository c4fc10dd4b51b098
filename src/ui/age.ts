const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `45s`, `12m`, `3h`, `5d` since then, by the largest unit, as kubectl does from two of it on. */
export function ageText(since: Date | undefined | null, now: number): string {
  if (since === undefined || since === null) return '';
  const age = Math.max(0, now - since.getTime());
  const [unit, length] = UNITS.find(([, size]) => age >= 2 * size) ?? ['s', 1_000];
  return `${Math.floor(age / length)}${unit}`;
}
