/**
 * The candidates that `typed` was probably meant to be, best first: few edits, or the one contains
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
