import { EcshError } from '../domain/errors.ts';
import { explainSessionOutput } from '../domain/session-output.ts';
import type { ConnectionEnd } from './connection.ts';

/** As a shell would report it. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'command-not-found': 127,
  'command-not-executable': 126,
};

/** Why a session ended without telling a status (C-11): never 0, and never silent. */
export function sessionEndError(end: ConnectionEnd, hadBegun: boolean): EcshError {
  switch (end.kind) {
    case 'closed':
      return end.output === '' ? statusUnknown(hadBegun) : agentReport(end.output);
    case 'failed':
      return new EcshError('session-failed', `The session failed: ${end.failure.message}.`, {
        hint: 'Try again; whether the command ran to its end is not known.',
      });
    case 'lost':
      return new EcshError('connection-lost', `The connection was lost: ${end.reason}.`, {
        hint: 'Whether the command ran to its end is not known.',
      });
  }
}

/** M-3. */
function agentReport(output: string): EcshError {
  const explained = explainSessionOutput(output);
  if (explained === undefined) {
    return new EcshError('session-failed', `The agent ended the session: ${output.trim()}`);
  }
  const { code, message, hint } = explained;
  return new EcshError(code, message, { hint, exitCode: STATUS_OF_CODE[code] ?? 255 });
}

function statusUnknown(hadBegun: boolean): EcshError {
  return hadBegun
    ? new EcshError('status-unknown', 'The session ended before the command told its status.', {
        hint: 'It was terminated from outside, or the container stopped.',
      })
    : new EcshError('status-unknown', 'The session ended before the command had started.', {
        hint: 'The container may be stopping; try again.',
      });
}
