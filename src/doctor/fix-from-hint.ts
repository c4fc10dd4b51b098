import type { CheckFix } from '#domain/readiness/readiness-model.ts';

/** Turns an error's hint into a fix: text after a colon and two spaces at its end is a command. */
export function fixFromHint(hint: string): CheckFix {
  const [, summary, command] = /^(.*): {2}(\S.*)$/.exec(hint) ?? [];
  return summary === undefined || command === undefined ? { summary: hint } : { summary, command };
}
