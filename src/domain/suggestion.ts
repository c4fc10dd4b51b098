/**
 * The candidates that `typed` was probably meant to be, best first: few edits, or the one contains
 * the other.
 */
export function suggestNames(typed: string, candidates: readonly string[]): readonly string[] {
  const wanted = typed.toLowerCase();
  return candidates
    .map((name) => ({ name, distance: nearness(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowance(wanted))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
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

/** Levenshtein distance, one row at a time. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    let diagonal = i;
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      const above = row[j + 1] ?? 0;
      const before = next[j] ?? 0;
      next.push(Math.min(above + 1, before + 1, diagonal + (left === right ? 0 : 1)));
      diagonal = above;
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
