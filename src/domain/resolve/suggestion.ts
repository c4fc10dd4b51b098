import { EcshError } from '#domain/errors/errors.ts';
import { nameInArn } from './arn.ts';

/** The number of candidates in a message. */
const LISTED = 10;

/**
 * Names for a suggestion. The caller may lack permission to list them; that second failure must not hide
 * the first one, so it counts as no suggestion.
 */
export async function namesIfAllowed(
  list: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return (await list()).map(nameInArn);
  } catch (error) {
    if (error instanceof EcshError) return [];
    throw error;
  }
}

/** `Did you mean NAME?`, or all names if none is similar; empty if there are none. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const near = suggestNames(typed, names);
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : sayNames(names);
}

/** `There are: a, b.`; empty if there are none. */
export function sayNames(names: readonly string[]): string {
  return names.length > 0 ? `There are: ${listed(names)}.` : '';
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return names.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Joins the parts that are not empty in one line. */
export function sentences(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/**
 * The candidates that the user probably meant by `typed`, best first: a few edits away, or one contains
 * the other.
 */
export function suggestNames(typed: string, candidates: readonly string[]): readonly string[] {
  const wanted = typed.toLowerCase();
  return candidates
    .map((name) => ({
      name,
      distance: nearness(wanted, name.toLowerCase()),
      edits: editDistance(wanted, name.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= allowance(wanted))
    .sort((a, b) => a.distance - b.distance || a.edits - b.edits || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

function allowance(typed: string): number {
  return Math.max(1, Math.floor(typed.length / 3));
}

function nearness(typed: string, name: string): number {
  const isPart = typed.length >= 3 && (name.includes(typed) || typed.includes(name));
  return isPart ? Math.min(1, editDistance(typed, name)) : editDistance(typed, name);
}

/**
 * Edits between two words: a letter more, less or another, or two neighbours swapped (optimal string
 * alignment). One row of the table at a time.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
