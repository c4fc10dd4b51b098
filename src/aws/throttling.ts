import { setTimeout as sleep } from 'node:timers/promises';
import { EcshError } from '#domain/errors/errors.ts';

/** Waits before another request that was refused for its rate, in milliseconds, half of it random. */
const DELAYS = [500, 1_500, 4_000];

/**
 * For what must not be done twice: a request refused for its rate has not been carried out, which
 * makes this the one failure that is safe to repeat.
 */
export async function unlessThrottled<T>(attempt: () => Promise<T>): Promise<T> {
  for (const delay of DELAYS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EcshError) || error.code !== 'throttled') throw error;
      await sleep(delay * (0.5 + Math.random() / 2));
    }
  }
  return attempt();
}
