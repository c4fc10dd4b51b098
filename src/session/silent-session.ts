import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { boundedText } from '#domain/foreign-text.ts';
import type { SessionsApi } from '#domain/ports/doctor-ports.ts';
import type { ActiveSession } from '#domain/ports/session-responses.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { parseTargetId } from '#domain/resolve/session-target.ts';
import { SILENCE_NOTICE, SILENCE_NOTICE_MS } from './session-end.ts';

export interface SilenceWatch {
  readonly clock: Clock;
  /** DescribeSessions, if it is available. */
  readonly sessions: (() => Promise<Pick<SessionsApi, 'describeSessions'>>) | undefined;
  readonly sessionId: string;
  readonly targetId: string;
  /** `--wait`: others may end their sessions in this time. */
  readonly waitMs: number;
  /** No data has arrived from the container yet. */
  readonly isSilent: () => boolean;
  readonly onNotice: (text: string) => void;
  /** Waiting any longer is useless. */
  readonly onFailure: (error: EcshError) => void;
}

/** An agent at its session limit starts nothing and stays silent (PROTOCOL 8.1). Suspect this after this time (ms). */
const LIMIT_SUSPECTED_MS = 20_000;
/** The smallest limit of an agent: 2, on EC2 (PROTOCOL 8.1). */
const SMALLEST_LIMIT = 2;
/** The time in which a command prints its first line even in a busy container (ms). */
const SILENCE_LIMIT_MS = 300_000;
const MAX_NAMED = 5;

/**
 * Watches a session whose first output is due at once: a notice after ten seconds; `session-limit` after
 * twenty, if other sessions occupy the limit or we cannot know; `session-silent` after five minutes.
 *
 * @returns the function that ends the watch
 */
export function watchSilence(watch: SilenceWatch): () => void {
  const { clock, waitMs, isSilent, onNotice, onFailure } = watch;
  let hasEnded = false;
  const ifSilent = (run: () => void) => () => {
    if (!hasEnded && isSilent()) run();
  };
  const look = async () => {
    const holders = await holdersOf(watch);
    const isSuspected = holders === undefined || holders.length >= SMALLEST_LIMIT;
    if (isSuspected) ifSilent(() => onFailure(limitReached(holders ?? [], watch)))();
  };
  const cancels = [
    clock.after(
      SILENCE_NOTICE_MS,
      ifSilent(() => onNotice(SILENCE_NOTICE)),
    ),
    clock.after(
      LIMIT_SUSPECTED_MS + waitMs,
      ifSilent(() => void look()),
    ),
    clock.after(
      SILENCE_LIMIT_MS + waitMs,
      ifSilent(() => onFailure(sessionSilent())),
    ),
  ];
  return () => {
    hasEnded = true;
    for (const cancel of cancels) cancel();
  };
}

/** The other sessions in the container; undefined if they are unknown. */
async function holdersOf({
  sessions,
  sessionId,
  targetId,
}: SilenceWatch): Promise<readonly ActiveSession[] | undefined> {
  if (sessions === undefined) return undefined;
  try {
    const found = await (await sessions()).describeSessions(targetId);
    return found.filter(({ SessionId }) => SessionId !== sessionId);
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}

function limitReached(
  holders: readonly ActiveSession[],
  { clock, targetId }: SilenceWatch,
): EcshError {
  const named = holders.slice(0, MAX_NAMED).map((session) => describeHolder(session, clock.now()));
  const who = named.length === 0 ? '' : ` They are held by ${named.join(', ')}.`;
  return new EcshError(
    'session-limit',
    `The container answered nothing: it probably has as many sessions as its limit allows.${who}`,
    {
      hint: sessionsHint(targetId),
      retryable: true,
    },
  );
}

function sessionsHint(targetId: string): string {
  const target = parseTargetId(targetId);
  const place = target === undefined ? [] : [`${target.cluster}/${target.taskId}`];
  const list = ecshCommand(['sessions', ...place]);
  return `Wait for one to end with --wait 5m, or end one of yours:  ecsh sessions end ID\nSee who is in there:  ${list}`;
}

function describeHolder({ SessionId, Owner, StartDate }: ActiveSession, now: number): string {
  const owner = Owner === undefined ? 'somebody' : Owner.slice(Owner.lastIndexOf('/') + 1);
  const minutes = StartDate && Math.max(0, Math.round((now - StartDate.getTime()) / 60_000));
  const since = minutes === undefined ? '' : ` for ${minutes} min`;
  return boundedText(`${owner}${since} (${SessionId ?? 'unknown session'})`);
}

function sessionSilent(): EcshError {
  return new EcshError('session-silent', 'The container has answered nothing for five minutes.', {
    hint: 'See what is open, and why:  ecsh doctor --sessions TARGET',
  });
}
