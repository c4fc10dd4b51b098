import type { AdoptingPorts } from './session-options.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The time by which ending a session may delay our own exit (S-21), in milliseconds. */
const TERMINATE_LIMIT_MS = 3_000;

/**
 * Takes a limited time and reports no failure, because we are exiting and the session may have ended.
 *
 * @returns whether the service has answered
 */
export async function terminateSession(
  { ssm, clock }: AdoptingPorts,
  sessionId: string,
  forced: AbortSignal,
): Promise<boolean> {
  const late = new AbortController();
  const cancel = clock.after(TERMINATE_LIMIT_MS, () => late.abort());
  const terminated = ssm()
    .then((api) => api.terminateSession(sessionId))
    .catch(() => undefined)
    .then(() => true);
  const isAnswered = await unlessAborted(AbortSignal.any([late.signal, forced]), terminated);
  cancel();
  return isAnswered ?? false;
}
