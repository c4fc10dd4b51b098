import { EcshError } from '#domain/errors/errors.ts';
import { ERRORS } from '#domain/errors/table/error-table.ts';
import { boundedText, labelledText } from '#domain/foreign-text.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { isWindows } from '#domain/resolve/selection.ts';
import type { ConnectionEnd } from './connection-listener.ts';
import { explainSessionOutput } from './session-output.ts';

/** Checklist 5: no data from an open session for this time (ms). */
export const SILENCE_NOTICE_MS = 10_000;
export const SILENCE_NOTICE =
  'The session is open but silent. The container may have as many sessions as its limit allows.';

const NEVER_ANSWERED =
  'Nothing was heard of the command. The container may have as many sessions as its limit allows:  ecsh doctor --sessions TARGET';

/** The status that a shell would report. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'command-not-found': 127,
  'command-not-executable': 126,
};

/** Why a session ended without reporting a status (C-11): never 0, and never silent. */
export function sessionEndError(end: ConnectionEnd, hadBegun: boolean): EcshError {
  switch (end.kind) {
    case 'closed':
      if (end.output === '') return statusUnknown(hadBegun);
      return end.isUnverified ? unverifiedReport(end.output) : agentReport(end.output);
    case 'failed':
      if (end.error !== undefined) return end.error;
      if (end.failure.reason === 'encryption') return notEncrypted(end.failure.message);
      return new EcshError('session-failed', `The session failed: ${end.failure.message}.`, {
        hint:
          end.failure.reason === 'unanswered' && !hadBegun
            ? NEVER_ANSWERED
            : 'Try again. It is not known whether the command finished.',
      });
    case 'lost':
      if (end.error !== undefined) return connectionLost(end.reason, end.error);
      return new EcshError('connection-lost', `The connection was lost: ${end.reason}.`, {
        hint: 'It is not known whether the command finished.',
      });
  }
}

/** The normal end of a command that ran without our envelope. */
export function statusNotReported({ task }: ReadyTarget): EcshError {
  return new EcshError('status-unknown', 'The command has ended; its status is unknown.', {
    hint: isWindows(task)
      ? 'A Windows container does not report it.'
      : 'Without a shell in the image there is nothing to report it (--no-shell).',
  });
}

/** M-3. */
export function agentReport(output: string): EcshError {
  const explained = explainSessionOutput(output);
  if (explained === undefined) {
    return new EcshError('session-failed', labelledText('The agent ended the session', output));
  }
  const { code, message, hint } = explained;
  const exitCode = STATUS_OF_CODE[code] ?? 255;
  return new EcshError(code, boundedText(message), { hint, exitCode });
}

/** Shows none of the text: anyone may have written it in a session that had to be encrypted. */
function unverifiedReport(output: string): EcshError {
  const explained = explainSessionOutput(output);
  if (explained === undefined) {
    return new EcshError('session-failed', 'The session ended before it was encrypted.', {
      hint: 'What the agent said is not shown, since it was not encrypted.',
    });
  }
  const { code, message, isQuoting, hint } = explained;
  return new EcshError(code, isQuoting ? ERRORS[code].cause : message, { hint });
}

/** ecsh sent no input in plain text, and shows no text from the session. */
function notEncrypted(why: string): EcshError {
  return new EcshError('session-not-encrypted', `The session was ended for your safety: ${why}.`, {
    hint: 'Replace the task if it is older than the KMS key of its cluster; else inform the owner of the cluster.',
  });
}

function statusUnknown(hadBegun: boolean): EcshError {
  return hadBegun
    ? new EcshError('status-unknown', 'The session ended before the command reported its status.', {
        hint: 'It was terminated from outside, or the container stopped.',
      })
    : new EcshError('status-unknown', 'The session ended before the command had started.', {
        hint: 'The container may be stopping; try again.',
      });
}

/** The connection could not be resumed: `cause` says why (S-15 to S-17). */
function connectionLost(reason: string, cause: EcshError): EcshError {
  if (cause.code === 'session-over') return cause;
  const isDenied = cause.code === 'access-denied';
  return new EcshError(
    'connection-lost',
    `The connection was lost (${reason}) and could not be resumed: ${cause.message}`,
    {
      hint: isDenied
        ? 'Allow your identity ssm:ResumeSession, so that a lost connection can be resumed. It is not known whether the command finished.'
        : 'It is not known whether the command finished.',
      cause,
    },
  );
}
