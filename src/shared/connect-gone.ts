import { EcshError } from '#domain/errors/errors.ts';
import { SHARED_VARIABLE } from './shared-variable.ts';

/**
 * The `ecsh connect` that started this program has ended, perhaps by SIGKILL, and its local command goes on without it.
 * A session of the command's own could outlive what was meant to end, so it is not opened.
 */
export function connectGone(): EcshError {
  return new EcshError('connect-gone', 'The ecsh connect around this command has ended.', {
    hint: `Without it, each command opens its own session:  env -u ${SHARED_VARIABLE} ecsh exec …`,
  });
}
