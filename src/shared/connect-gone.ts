import { EcshError } from '#domain/errors/errors.ts';
import { SHARED_VARIABLE } from './shared-variable.ts';

/** Why the `ecsh connect` around a command cannot be used. */
export type ConnectFault =
  | 'has ended'
  /** It is suspended, or not ecsh. */
  | 'does not answer'
  /** It is not ecsh, or a different version. */
  | 'sent an answer that cannot be read';

/**
 * The `ecsh connect` around this program has ended, perhaps by SIGKILL, while its local command still runs. Do not open
 * a session instead: it could outlive the work that the user wanted to end.
 */
export function connectGone(what: ConnectFault = 'has ended'): EcshError {
  return new EcshError('connect-gone', `The ecsh connect around this command ${what}.`, {
    hint: `Without it, each command opens its own session:  env -u ${SHARED_VARIABLE} ecsh exec …`,
  });
}
