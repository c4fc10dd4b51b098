import { EcshError } from '#domain/errors/errors.ts';
import type { ContainerSession } from './session-list.ts';

/** Letters of a session id that are unique in practice. */
const SHORT_ID = 10;

/** The random part of a session id, as a table shows it; `namedSession` accepts it. */
export function shortSessionId(id: string): string {
  return randomPart(id).slice(0, SHORT_ID);
}

/** Whether a word can be the id of a session, or the random part of one, rather than a place. */
export function isSessionId(word: string): boolean {
  return /^(?:[\w.@+=,-]+-)?[0-9a-z]{17,32}$/.test(word) && !/^[0-9a-f]{32}$/.test(word);
}

/**
 * The session that a word names: its id, the random part of it, or a unique prefix of either.
 *
 * @throws EcshError `no-such-session`
 */
export function namedSession<T extends Pick<ContainerSession, 'sessionId'>>(
  sessions: readonly T[],
  word: string,
): T | undefined {
  const whole = sessions.find(({ sessionId }) => sessionId === word);
  if (whole !== undefined) return whole;
  const matches = sessions.filter(
    ({ sessionId }) => sessionId.startsWith(word) || randomPart(sessionId).startsWith(word),
  );
  if (matches.length > 1) throw ambiguous(word, matches);
  return matches[0];
}

function randomPart(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}

function ambiguous(
  word: string,
  matches: readonly Pick<ContainerSession, 'sessionId'>[],
): EcshError {
  const ids = matches.map(({ sessionId }) => sessionId);
  return new EcshError('no-such-session', `"${word}" is the start of several session ids.`, {
    hint: `Give more of one of them: ${ids.join(', ')}`,
    exitCode: 2,
  });
}
