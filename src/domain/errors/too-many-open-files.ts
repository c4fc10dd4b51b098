import { EcshError } from './errors.ts';

/** The limit of this process (EMFILE) or of the machine (ENFILE). */
export function isTooManyOpenFiles(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === 'EMFILE' || code === 'ENFILE';
}

export function tooManyOpenFiles(cause: unknown): EcshError {
  return new EcshError('too-many-open-files', 'ecsh may not open another file or connection.', {
    hint: 'Raise the limit in this shell:  ulimit -n 1024',
    cause,
  });
}
