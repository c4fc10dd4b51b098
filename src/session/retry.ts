import { EcshError } from '#domain/errors/errors.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { pause } from './pause.ts';

export interface RetryPolicy {
  readonly clock: Clock;
  /** How long to wait out transient failures (ms); 0 = don't wait. */
  readonly waitMs: number;
  /** More tries, independent of the time. */
  readonly retries: number;
  /** Called once, when the waiting begins. */
  readonly onWait: (error: EcshError) => void;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 5_000;

/** Calls that were refused together, as of --all, must not come again together. */
function spread({ code }: EcshError): number {
  return code === 'throttled' ? 0.5 + Math.random() / 2 : 1;
}

/**
 * Repeats an attempt that failed for a transient reason (`retryable`), until the time is over or the
 * signal comes.
 */
export async function retry<T>(
  retryPolicy: RetryPolicy,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { clock, waitMs, retries, onWait } = retryPolicy;
  const deadline = clock.now() + waitMs;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const isPassing = error instanceof EcshError && error.retryable;
      const left = deadline - clock.now();
      const isOver = tries >= retries && left <= 0;
      if (!isPassing || isOver || signal?.aborted) throw error;
      if (tries === 0) onWait(error);
      const delay = Math.min(FIRST_DELAY_MS * 2 ** tries, LONGEST_DELAY_MS) * spread(error);
      await pause(clock, tries < retries ? delay : Math.min(delay, left), signal);
      if (signal?.aborted) throw error;
    }
  }
}
