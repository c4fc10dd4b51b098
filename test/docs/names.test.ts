import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

// src/index.ts wraps functions for users of the library under the names that these know.
const files = execFileSync('git', ['ls-files', 'src/*.ts', ':!src/index.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n');

it('one exported name has one meaning', () => {
  const homes = new Map<string, string[]>();
  for (const file of files) {
    const text = readFileSync(new URL(file, ROOT), 'utf8');
    const exported = /^export (?:async )?(?:function|class|const|interface|type) (\w+)/gm;
    for (const [, name = ''] of text.matchAll(exported)) {
      homes.set(name, [...(homes.get(name) ?? []), file]);
    }
  }
  expect([...homes].filter(([, places]) => places.length > 1)).toEqual([]);
});
