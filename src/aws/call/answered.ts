import { EcshError } from '#domain/errors/errors.ts';

/**
 * Returns the required part of an answer. An empty answer must not look like "there is none", which would be a
 * finding.
 *
 * @throws EcshError `answer-unreadable` without it
 */
export function answered<T>(operation: string, part: T | undefined): T {
  if (part !== undefined) return part;
  throw new EcshError('answer-unreadable', `The answer to ${operation} was empty.`, {
    hint: 'Check --endpoint-url: this does not look like AWS.',
  });
}
