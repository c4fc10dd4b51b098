import { EcshError } from '#domain/errors/errors.ts';
import { SHARED_VARIABLE } from './shared-variable.ts';

/**
 * The `ecsh connect` around this program has ended, perhaps by SIGKILL, while its local command still runs. Do not open
 * a session instead: it could outlive the work that the user wanted to end.
 */
export function connectGone(): EcshError {
  return new EcshError('connect-gone', 'The ecsh connect around this command has ended.', {
    hint: `Without it, each command opens its own session:  env -u ${SHARED_VARIABLE} ecsh exec …`,
  });
}
