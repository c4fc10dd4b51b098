import { existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outsideLinks } from '#copy/local/outside-links.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const namesOf = (links: Readonly<Record<string, string>>) =>
  outsideLinks(Object.entries(links).map(([name, target]) => ({ name, target }))).map(
    ({ name }) => name,
  );

describe('links that lead out of a copy', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    ['an absolute link', { a: '/etc/passwd' }, ['a']],
    ['a link one level up', { a: '../b', 'd/a': '../b' }, ['a']],
    ['a link up and down again', { 'd/a': '../d/../../x' }, ['d/a']],
    ['a link through another link', { up: '..', 'd/a': '../up/x' }, ['up', 'd/a']],
    ['a link inside a linked directory', { d: '/tmp', 'd/a': 'x' }, ['d', 'd/a']],
    ['dots in a name', { a: '..b', b: './c' }, []],
    ['a cycle', { a: 'b', b: 'a' }, []],
    ['the directory itself', { a: '.', 'd/b': '..' }, []],
    ['a target longer than any path', { a: `${'x/'.repeat(3_000)}y` }, ['a']],
  ])('%s', (_name, links, outside) => {
    expect(namesOf(links)).toEqual(outside);
  });

  it('are the same links that the system resolves outside', () => {
    const part = fc.constantFrom('a', 'b', '..', '.', 'd');
    const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    const links = fc.record({ a: target, b: target, 'd/a': target });
    fc.assert(
      fc.property(links, (record) => {
        const root = join(temporaryFolder('links'), 'root');
        mkdirSync(join(root, 'd'), { recursive: true });
        for (const [name, to] of Object.entries(record)) symlinkSync(to, join(root, name));
        const outside = namesOf(record);
        for (const name of Object.keys(record)) {
          const path = join(root, name);
          // The system only follows links that exist.
          if (!existsSync(path)) continue;
          const real = realpathSync(path);
          const isOutside = real !== root && !real.startsWith(`${root}/`);
          if (isOutside) expect(outside).toContain(name);
        }
      }),
      { numRuns: 60 },
    );
  });
});
