const share = Number(process.env.ECSH_FUZZ ?? '1');

/** Whether the tests run in full, as in CI. */
export const IS_FULL_RUN = share >= 1;

/**
 * Rounds of a fuzz or property test, or milliseconds of a flood: `full` with ECSH_FUZZ=1, as in CI,
 * and a tenth of that by default, so that local runs stay fast. Larger values work too, for example
 * ECSH_FUZZ=10 overnight.
 */
export function rounds(full: number): number {
  return Math.max(1, Math.round(full * share));
}
