import { describe, expect, it } from 'vitest';
import { isSessionId, namedSession, shortSessionId } from '#session-list/named-session.ts';
import type { ContainerSession } from '#session-list/session-list.ts';

function session(sessionId: string): ContainerSession {
  return {
    sessionId,
    targetId: '',
    cluster: 'prod',
    taskId: 'a',
    runtimeId: 'r',
    service: undefined,
    family: undefined,
    container: undefined,
    owner: undefined,
    user: undefined,
    whose: 'unknown',
    kind: 'command',
    document: undefined,
    status: undefined,
    startedAt: undefined,
    endedAt: undefined,
    reason: undefined,
  };
}

const FIRST = session('ecs-execute-command-bpmy2a4vh6d6hya94p0wa0vel0');
const SECOND = session('ecs-execute-command-bqmy2a4vh6d6hya94p0wa0vel0');
const PORT = session('ana-vewjcc8ovxap6hu7i52eaxc3sf');
const ALL = [FIRST, SECOND, PORT];

describe('namedSession', () => {
  it.each<[string, ContainerSession | undefined]>([
    [FIRST.sessionId, FIRST],
    ['bpmy2a4vh6d6hya94p0wa0vel0', FIRST],
    [shortSessionId(FIRST.sessionId), FIRST],
    ['bq', SECOND],
    ['ana-', PORT],
    ['prod/web', undefined],
  ])('%s', (word, expected) => {
    expect(namedSession(ALL, word)).toBe(expected);
  });

  it('refuses a prefix of several ids', () => {
    expect(() => namedSession(ALL, 'b')).toThrow(
      expect.objectContaining({
        code: 'no-such-session',
        exitCode: 2,
        hint: `Give more of one of them: ${FIRST.sessionId}, ${SECOND.sessionId}`,
      }),
    );
  });
});

it.each([
  [FIRST.sessionId, true],
  ['me@example.com-0123456789abcdef0', true],
  ['bpmy2a4vh6d6hya94p0wa0vel0', true],
  ['prod', false],
  ['prod/web', false],
  ['0f9de17a6465404e8b1b2356dc13c2f8', false],
])('%s is the id of a session: %s', (word, expected) => {
  expect(isSessionId(word)).toBe(expected);
});
