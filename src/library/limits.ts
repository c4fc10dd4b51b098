import { EcshError } from '#domain/errors/errors.ts';

/** Node.js timers are limited to 31 bits of milliseconds, about 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** `Infinity` and 0 mean no limit. @throws EcshError `usage` for other invalid times */
export function limitOf(name: string, milliseconds: number | undefined): number | undefined {
  if (milliseconds === undefined || milliseconds === 0) return undefined;
  if (milliseconds === Number.POSITIVE_INFINITY) return undefined;
  return timeOf(name, milliseconds);
}

/** A maximum waiting time: `Infinity` means the longest possible timer. @throws EcshError `usage` */
export function waitOf(name: string, milliseconds: number): number {
  return milliseconds === Number.POSITIVE_INFINITY ? LONGEST_MS : timeOf(name, milliseconds);
}

function timeOf(name: string, milliseconds: number): number {
  const isTime =
    typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds <= LONGEST_MS;
  if (isTime) return milliseconds;
  throw new EcshError('usage', `${name} is ${String(milliseconds)}, which is no time.`, {
    hint: `Give milliseconds from 0 to ${LONGEST_MS}, or Infinity.`,
  });
}

/** A number of bytes, or of tasks at a time; `Infinity` means no limit. @throws EcshError `usage` */
export function countOf(name: string, count: number, least: number): number {
  if (count === Number.POSITIVE_INFINITY) return count;
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new EcshError('usage', `${name} is ${String(count)}, which is no number of them.`, {
    hint: `Give a whole number from ${least}, or Infinity.`,
  });
}
