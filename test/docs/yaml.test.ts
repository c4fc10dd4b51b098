import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument, visit } from 'yaml';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);
const FILES = [
  'action.yml',
  'acceptance/stack.yml',
  'packaging/gitlab-ci.yml',
  '.github/workflows/ci.yml',
  '.github/workflows/release.yml',
];

test('every YAML example of the documentation, and every YAML file, can be read', () => {
  const examples = PAGES.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
      ([, text = '']) => [path, text] as const,
    ),
  );
  const files = FILES.map((path) => [path, readFileSync(path, 'utf8')] as const);
  expect(examples.length).toBeGreaterThan(3);
  const wrong = [...examples, ...files].flatMap(([path, text]) =>
    parseDocument(text).errors.map(({ message }) => `${path}: ${message}`),
  );
  expect(wrong).toEqual([]);
});

test('the stack has none of the aliases that CloudFormation refuses', () => {
  const aliases: string[] = [];
  visit(parseDocument(readFileSync('acceptance/stack.yml', 'utf8')), {
    Alias: (_key, { source }) => void aliases.push(source),
  });
  expect(aliases).toEqual([]);
});
