import { EcshError } from '#domain/errors/errors.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { SmuxError } from '#protocol/smux/smux-frame.ts';
import type { ConnectionEnd } from '#session/connection.ts';
import { agentReport } from '#session/session-end.ts';

/** Why a session to a port has ended. */
export function forwardEndError(end: ConnectionEnd): EcshError {
  switch (end.kind) {
    case 'closed':
      return end.output === '' ? endedOutside() : agentReport(end.output);
    case 'failed':
      return (
        end.error ?? new EcshError('session-failed', `The session failed: ${end.failure.message}.`)
      );
    case 'lost':
      return connectionLost(end.reason, end.error);
  }
}

/** Whether another session may do: nothing says that it would end in the same way. */
export function mayReopen({ code }: EcshError): boolean {
  return ['session-ended', 'session-idle', 'session-over', 'connection-lost'].includes(code);
}

export function sessionSilent(): EcshError {
  return new EcshError('session-silent', 'The session was opened, but the agent did not answer.', {
    hint: `The container may have as many sessions as its limit allows: ${INSTANCE_LIMIT} on EC2. Every remote port takes one. ${LESS}`,
  });
}

/** What the ECS agent of an instance lets a container have at a time, unless it is told otherwise. */
const INSTANCE_LIMIT = 2;
const LESS =
  'Forward fewer ports, end other sessions, or let another container take some: TARGET@CONTAINER, or another task.';

/** On Fargate there is room for many. */
export function mayLackRoom({ launchType }: Task, sessions: number): boolean {
  return (launchType === 'EC2' || launchType === 'EXTERNAL') && sessions > INSTANCE_LIMIT;
}

export function roomNotice(sessions: number): string {
  return `Every remote port takes a session, ${sessions} in all; a container on an instance has ${INSTANCE_LIMIT} as a rule.`;
}

/** The agent starts some of our sessions and not others. */
export function noRoomLeft(open: readonly string[], silent: readonly string[]): EcshError {
  return new EcshError(
    'session-silent',
    `The agent has started a session to ${open.join(' and ')}, but none to ${silent.join(' and ')}: the container has as many as its limit allows.`,
    { hint: `Every remote port takes one. ${LESS}` },
  );
}

export function notSmux({ message }: SmuxError): EcshError {
  return new EcshError('session-failed', `The agent sent what ecsh cannot read: ${message}.`);
}

function endedOutside(): EcshError {
  return new EcshError('session-ended', 'The session was ended from outside.', {
    hint: 'Somebody or something terminated it, or the container stopped.',
  });
}

/** The connection could not be resumed: `cause` says why (S-15 to S-17). */
function connectionLost(reason: string, cause: EcshError | undefined): EcshError {
  if (cause === undefined) {
    return new EcshError('connection-lost', `The connection was lost: ${reason}.`);
  }
  if (cause.code === 'session-over') {
    return new EcshError('session-over', 'The session ended while the connection was lost.');
  }
  const isDenied = cause.code === 'access-denied';
  return new EcshError(
    'connection-lost',
    `The connection was lost (${reason}) and could not be resumed: ${cause.message}`,
    {
      ...(isDenied ? { hint: 'Allow your identity ssm:ResumeSession.' } : {}),
      cause,
    },
  );
}
