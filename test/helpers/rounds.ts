const share = Number(process.env.ECSH_FUZZ ?? '1');

/** Whether nothing is left out to save time, as in CI. */
export const IS_FULL_RUN = share >= 1;

/**
 * Rounds of a fuzz or property test, or milliseconds of a flood: `full` with ECSH_FUZZ=1, as CI runs
 * it, and a tenth of that by default, so that the inner loop stays fast. More than 1 is fine:
 * ECSH_FUZZ=10 for a long night.
 */
export function rounds(full: number): number {
  return Math.max(1, Math.round(full * share));
}
