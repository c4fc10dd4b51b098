import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { NO_FAULTS } from '#simulator/gateway/faults.ts';

const page = readFileSync('docs/simulator.md', 'utf8');

/** The names in the first column of the table with this heading. */
function namesIn(heading: string): string[] {
  const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n')[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  );
}

it('docs/simulator.md lists every fault, and no other', () => {
  const documented = [...namesIn('Fault'), 'reorderMs'];
  expect(documented.sort()).toEqual(Object.keys(NO_FAULTS).sort());
});
