import { EcshError } from '#domain/errors/errors.ts';

/**
 * Checks that sh can export the name. Never shows the value, which may be a secret.
 *
 * @throws EcshError `env-invalid`
 */
export function assertVariableName(name: string): void {
  if (/^[A-Za-z_]\w*$/.test(name)) return;
  throw new EcshError('env-invalid', `"${name}" is not the name of a variable.`, {
    hint: 'Write -e NAME=VALUE with a name of letters, digits and underscores.',
  });
}
