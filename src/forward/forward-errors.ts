import { EcshError } from '#domain/errors/errors.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { SmuxError } from '#protocol/smux/smux-frame.ts';
import type { ConnectionEnd } from '#session/connection-listener.ts';
import { agentReport } from '#session/session-end.ts';

/** The reason why a port session ended. */
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

/** Whether another session may last: nothing suggests that it would end in the same way. */
export function mayReopen({ code }: EcshError): boolean {
  return REOPENABLE.includes(code);
}

const REOPENABLE: readonly string[] = [
  'session-ended',
  'session-idle',
  'session-over',
  'session-worker-crashed',
  'status-unknown',
  'connection-lost',
];

export function dialerMissing(): EcshError {
  return new EcshError('dialer-missing', 'The image has no program that can connect to a port.', {
    hint: 'Connections through ExecuteCommand need perl, python3, socat, bash, nc, node, ruby or php in the image. Without, use sessions of Session Manager:  ecsh forward --via ssm …',
  });
}

export function destinationRefused(destination: string, reason: string): EcshError {
  return new EcshError('connection-refused', `Cannot connect to ${destination}: ${reason}.`, {
    hint: 'Check that something listens there, and that the task can reach it.',
  });
}

export function sessionSilent(): EcshError {
  return new EcshError('session-silent', 'The session was opened, but the agent did not answer.', {
    hint: `The container may have reached its limit of sessions: ${INSTANCE_LIMIT} on EC2. Each remote port takes one. ${LESS}`,
  });
}

/** The number of sessions per container that the ECS agent of an instance allows by default. */
const INSTANCE_LIMIT = 2;
const LESS =
  'Forward fewer ports, end other sessions, share one session with --via exec, or use another container: TARGET@CONTAINER, or another task.';

/** Fargate allows many. */
export function mayLackRoom({ launchType }: Task, sessions: number): boolean {
  return (launchType === 'EC2' || launchType === 'EXTERNAL') && sessions > INSTANCE_LIMIT;
}

export function roomNotice(sessions: number): string {
  return `Each remote port takes a session, ${sessions} in all. A container on an instance usually allows ${INSTANCE_LIMIT}.`;
}

/** The agent has started some of our sessions, but not the others. */
export function noRoomLeft(open: readonly string[], silent: readonly string[]): EcshError {
  return new EcshError(
    'session-silent',
    `The agent has started a session to ${open.join(' and ')}, but none to ${silent.join(' and ')}: the container has reached its limit.`,
    { hint: `Each remote port takes a session. ${LESS}` },
  );
}

export function notSmux({ message }: SmuxError): EcshError {
  return new EcshError('session-failed', `The agent sent data that ecsh cannot read: ${message}.`);
}

function endedOutside(): EcshError {
  return new EcshError('session-ended', 'The session was ended from outside.', {
    hint: 'It was terminated by someone, or the container stopped.',
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
