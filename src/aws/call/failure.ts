import { EcshError } from '#domain/errors/errors.ts';
import type { FailureContext, ServiceFailure } from '#domain/errors/failure-rule.ts';
import { explainServiceError } from '#domain/errors/service-errors.ts';
import { boundedText } from '#domain/foreign-text.ts';
import type { AwsConfig } from './config.ts';

/** Calls that take longer are reported (ms). */
const SLOW_MS = 10_000;

/**
 * Awaits a call of the SDK and turns its failure into an explained `EcshError`. Passes on a bug of ours
 * (TypeError and similar) unchanged.
 */
export async function explainedFailure<T>(
  operation: string,
  context: () => Promise<FailureContext>,
  call: () => Promise<T>,
  { onCall, onSlow }: Pick<AwsConfig, 'onCall' | 'onSlow'>,
): Promise<T> {
  const began = performance.now();
  const tell = (outcome: string) =>
    onCall?.(`${operation} ${outcome} in ${Math.round(performance.now() - began)} ms`);
  const slow = setTimeout(() => onSlow?.(`Still waiting for AWS to answer ${operation}.`), SLOW_MS);
  try {
    const answer = await call();
    tell('answered');
    return answer;
  } catch (error) {
    tell('failed');
    if (!isServiceFailure(error)) throw error;
    throw explainServiceError(failureOf(error, operation), await context());
  } finally {
    clearTimeout(slow);
  }
}

/** The facts of an SDK error that the explanation needs. */
function failureOf(error: Error, operation: string): ServiceFailure {
  return {
    name: nameOf(error),
    message: boundedText(wordsOf(error)),
    operation,
    statusCode: httpStatusOf(error),
    code: errnoOf(error) ?? errnoOf(error.cause),
    cause: error,
  };
}

/** The SDK's message has the name of its own module, and the setting in milliseconds. */
function wordsOf(error: Error): string {
  const { name, message } = error;
  const [, limit] = /exceeded the configured (\d+) ms/.exec(message) ?? [];
  if (name !== 'TimeoutError' || limit === undefined) return message;
  const attempts = property(property(error, '$metadata'), 'attempts');
  const often = typeof attempts === 'number' && attempts > 1 ? `, ${attempts} times` : '';
  return `silence for ${Number(limit) / 1000} seconds${often}.`;
}

/** The answer to a HEAD request has no body, so only its status is known. */
function nameOf(error: Error): string {
  return error.name === 'Unknown' && httpStatusOf(error) === 403 ? 'AccessDenied' : error.name;
}

const BUGS = ['TypeError', 'ReferenceError', 'RangeError'];

function isServiceFailure(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof EcshError) return false;
  // The SDK failed to parse the answer, which it attaches to every error.
  return !BUGS.includes(error.name) || property(error, '$response') !== undefined;
}

/** HTTP status of the answer behind an SDK error. */
export function httpStatusOf(error: unknown): number | undefined {
  const metadata = property(error, '$metadata');
  const status = property(metadata, 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

/** Node puts the code on the error, or on the parts of an AggregateError (happy eyeballs). */
function errnoOf(error: unknown): string | undefined {
  const code = property(error, 'code');
  if (typeof code === 'string') return code;
  const parts = property(error, 'errors');
  return Array.isArray(parts) ? errnoOf(parts[0]) : undefined;
}

export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
