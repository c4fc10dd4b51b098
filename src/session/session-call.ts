import { EcshError } from '#domain/errors/errors.ts';
import type { ExecSession } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { QuitSignals } from './quit.ts';
import { type Patience, withPatience } from './ready-target.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Three more tries (READINESS 2), independent of `--wait`. */
const YOUNG_AGENT_WAIT_MS = 7_000;
/** How long a cancelled call may take to report the session that it may have begun (ms). */
const ANSWER_LIMIT_MS = 3_000;

export interface SessionCall {
  readonly clock: Clock;
  readonly patience: Patience;
  readonly quit: QuitSignals;
  /** ExecuteCommand or StartSession. */
  readonly call: () => Promise<ExecSession>;
  /** Ends the session of an answer that came too late. */
  readonly discard: (sessionId: string) => void;
}

/**
 * Calls until there is a session. It may be one that is not wanted any more: the caller ends it.
 *
 * @throws EcshError of the call, or `interrupted`: an `UnansweredError` where the call was made
 */
export function beginSession(begin: SessionCall): Promise<ExecSession> {
  const { patience, quit } = begin;
  // O-2: an agent that has just started may not have its control channel yet.
  const waitMs = Math.max(patience.waitMs, YOUNG_AGENT_WAIT_MS);
  return withPatience({ ...patience, waitMs }, () => answerOf(begin), quit.signal);
}

async function answerOf({ clock, quit, call, discard }: SessionCall): Promise<ExecSession> {
  if (quit.signal.aborted) throw quitError();
  const limit = new AbortController();
  const giveUp = () => limit.abort();
  let cancelTimer: () => void = () => undefined;
  const onQuit = () => {
    cancelTimer = clock.after(ANSWER_LIMIT_MS, giveUp);
  };
  quit.signal.addEventListener('abort', onQuit);
  quit.forced.addEventListener('abort', giveUp);
  try {
    const answer = call();
    const session = await unlessAborted(limit.signal, answer);
    if (session !== undefined) return session;
    answer.then(({ sessionId }) => discard(sessionId)).catch(() => undefined);
    throw new UnansweredError();
  } finally {
    cancelTimer();
    quit.signal.removeEventListener('abort', onQuit);
    quit.forced.removeEventListener('abort', giveUp);
  }
}

/** Cancelled before AWS answered. Worth reporting: a session may have begun. */
export class UnansweredError extends EcshError {
  constructor() {
    const hint = 'ecsh doctor --sessions TARGET shows what is open.';
    super('interrupted', `AWS has not said whether a session has begun: ${hint}`);
  }
}

/** Never shown: the caller reports the interruption instead. */
export function quitError(): EcshError {
  return new EcshError('interrupted', 'Given up before there was a session.');
}
