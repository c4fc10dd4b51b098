import { InvalidArgumentError } from 'commander';
import { durationOf } from './durations.ts';

/** A time of day, or how long ago. */
export type Moment =
  | { readonly kind: 'ago'; readonly milliseconds: number }
  | { readonly kind: 'at'; readonly time: number };

export function parseMoment(text: string): Moment {
  const milliseconds = durationOf(text);
  if (milliseconds !== undefined) return { kind: 'ago', milliseconds };
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return { kind: 'at', time };
  throw new InvalidArgumentError('Give a time such as 10m, 2h or 2026-01-31T12:00:00Z.');
}
