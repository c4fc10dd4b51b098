import type { CheckDescription } from '#doctor/check-model.ts';
import { fixFromHint } from '#doctor/fix-from-hint.ts';
import type { EcshError } from '#domain/errors/errors.ts';
import { type CheckOutcome, pass } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';

/** Opens a session in the container. Runs only with `doctor --probe`. */
export const PROBE_CHECK: CheckDescription = {
  id: 'probe',
  title: 'Live test',
  area: 'sessions',
  severity: 'fail',
  meaning:
    'With --probe, doctor opens a session, runs a harmless command and closes it. CloudTrail and the session log record it.',
  remedy: 'Apply the fix that is shown. The other checks may explain the cause.',
  docs: DOCS.exec,
};

/** A harmless command whose exit status shows whether the image has the programs that session logs need. */
export const PROBE_ARGV = ['sh', '-c', 'command -v script && command -v cat'];

export function probePassed(status: number | undefined, sessionId: string | undefined) {
  const evidence = { sessionId, hasLogTools: status === undefined ? undefined : status === 0 };
  const tools =
    status === 0
      ? 'The image has script and cat, which session logs need.'
      : 'The image lacks script or cat, so session logs would be empty.';
  return pass(
    `ecsh opened a session and ran a command.${status === undefined ? '' : ` ${tools}`}`,
    evidence,
  );
}

export function probeFailed({ code, message, hint }: EcshError): CheckOutcome {
  return {
    status: 'fail',
    message: `The live test failed: ${message}`,
    fix: hint === undefined ? undefined : fixFromHint(hint),
    evidence: { code },
  };
}
