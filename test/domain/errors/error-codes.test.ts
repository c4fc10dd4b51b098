import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

const SOURCES = readdirSync(new URL('src', ROOT), { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts'),
);

/** Written where an error is made, or in a table that errors are made from. */
const PLACES: readonly RegExp[] = [
  /new EcshError\(\s*'([a-z-]+)'/g,
  /\bcode: '([a-z]+(?:-[a-z]+)+)'/g,
  /\b(?:problem|usage|failed)\('([a-z]+(?:-[a-z]+)+)',/g,
  /\bnamed\('\w+', '([a-z-]+)'\)/g,
  /\bcode = [^;]*\? '([a-z]+(?:-[a-z]+)+)' : '[a-z-]+';/g,
  /\bcode = [^;]*\? '[a-z-]+' : '([a-z]+(?:-[a-z]+)+)';/g,
];

function codesIn(text: string): readonly string[] {
  return PLACES.flatMap((place) => [...text.matchAll(place)].map(([, code = '']) => code));
}

describe('the table of codes in the README', () => {
  it('has every code that an error of ours can have', () => {
    const table = readFileSync(new URL('README.md', ROOT), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .join('\n');
    const texts = SOURCES.map((path) => readFileSync(new URL(`src/${path}`, ROOT), 'utf8'));
    const codes = new Set(texts.flatMap(codesIn));
    for (const code of ['access-denied', 'platform-unknown', 'controller-external']) {
      expect(codes).toContain(code);
    }
    expect([...codes].filter((code) => !table.includes(`\`${code}\``)).sort()).toEqual([]);
  });
});
