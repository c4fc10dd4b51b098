import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

const PROSE = ['src', 'docs', '*.md'];

/** Phrases that a native engineer would not write (CONTRIBUTING, "How we write"), and where. */
const ODD: readonly {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly places?: readonly string[];
}[] = [
  {
    pattern: /\/\*\*\s*(?:\* )?(?:Of|What|Who|Whoever|Whose) /,
    instead: 'begin a docstring with its subject: "The …", "Returns …"',
    places: [...PROSE, '*.ts', '*.js'],
  },
  { pattern: /\b(?:stands?|stood) behind\b/, instead: '"follows", "after"' },
  { pattern: /\bshall do\b/, instead: '"does"' },
  { pattern: /\bknows no better\b/, instead: '"has no explanation"' },
  { pattern: /\bnobody's (?:matter|business)\b/, instead: '"ignored"' },
  { pattern: /\b(?:is|are|was|were|be|been) told\b/, instead: '"reported", "said"' },
];

function filesIn(places: readonly string[]): readonly string[] {
  return execFileSync('git', ['ls-files', ...places], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(ts|js|sh|md)$/.test(file));
}

describe('comments, messages and pages', () => {
  it.each(ODD)('do not read like a translation: $instead', ({ pattern, places = PROSE }) => {
    const files = filesIn(places);
    const found = files.filter((file) => pattern.test(readFileSync(new URL(file, ROOT), 'utf8')));
    expect(found).toEqual([]);
  });
});
