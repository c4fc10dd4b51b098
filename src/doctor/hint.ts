import type { CheckFix } from '#domain/readiness/readiness-model.ts';

/** The hint of an error as a fix: what stands behind `:` and two spaces at its end is to be typed. */
export function fixOf(hint: string): CheckFix {
  const [, summary, command] = /^(.*): {2}(\S.*)$/.exec(hint) ?? [];
  return summary === undefined || command === undefined ? { summary: hint } : { summary, command };
}
