import { EcshError } from '../domain/errors.ts';
import type {
  Clock,
  FrameListener,
  FrameTransport,
  OpenTransport,
  SsmApi,
} from '../domain/ports.ts';
import { pause } from './pause.ts';

export interface RecoveryOptions {
  readonly sessionId: string;
  readonly clock: Clock;
  readonly ssm: () => Promise<SsmApi>;
  readonly openTransport: OpenTransport;
  /** How long to go on trying (S-15), in milliseconds; 0 gives up at once. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface Recovered {
  readonly transport: FrameTransport;
  readonly token: string;
}

/** PROTOCOL 4.7: the plugin's delays, doubling from this up to that. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** Failures of ResumeSession that no second try mends; a lost network has others. */
const FINAL_CODES = /^(access-denied|session-over|tls-untrusted|region-.*|credentials-.*|mfa-.*)$/;

/**
 * A new websocket into a session whose connection was lost (S-14): ResumeSession, then the URL that
 * it returns. Credentials that have expired meanwhile are refreshed by the adapter.
 *
 * @throws EcshError `session-over` (S-16), `access-denied` (S-17), or the last failure when the time
 *   is over.
 */
export async function recover(
  options: RecoveryOptions,
  listener: FrameListener,
): Promise<Recovered> {
  const { clock, limitMs, signal } = options;
  const deadline = clock.now() + limitMs;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, LONGEST_DELAY_MS)) {
    try {
      return await resume(options, listener);
    } catch (error) {
      const isFinal = error instanceof EcshError && FINAL_CODES.test(error.code);
      if (isFinal || signal.aborted || clock.now() + delay > deadline) throw error;
      await pause(clock, delay, signal);
      if (signal.aborted) throw error;
    }
  }
}

async function resume(
  { sessionId, ssm, openTransport, signal }: RecoveryOptions,
  listener: FrameListener,
): Promise<Recovered> {
  const api = await ssm();
  const way = await api.resumeSession(sessionId);
  if (way === undefined) {
    throw new EcshError('session-over', 'The session ended while the connection was lost.', {
      hint: 'Whether the command ran to its end is not known.',
    });
  }
  const transport = await openTransport(way.streamUrl, listener, signal);
  return { transport, token: way.tokenValue };
}
