import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'rolldown';

/** An import of ours: relative (`./options.ts`), or from the top of src/ (`#library/options.ts`). */
const OWN_IMPORT = /(?<=from ')(\.\.?\/|#)([^']*)\.ts(?=')/g;

/**
 * Writes the types of the library beside it: the declarations that a module's own lead to, and no
 * others. A type that cannot be declared fails the build.
 *
 * @param entry module below src/, without its extension
 */
export function declarations(entry: string): Plugin {
  return {
    name: 'declarations',
    generateBundle() {
      const folder = mkdtempSync(join(tmpdir(), 'ecsh-types-'));
      try {
        compile(folder);
        for (const [fileName, source] of reachable(folder, `${entry}.d.ts`)) {
          this.emitFile({ type: 'asset', fileName, source });
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

function compile(outDir: string): void {
  const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly'];
  const tsc = ['tsc', '-p', 'tsconfig.types.json', ...flags, '--outDir', outDir];
  const { status, stdout } = spawnSync('npx', tsc, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the library's types cannot be declared:\n${stdout}`);
}

/** Every declaration once, with relative imports: a program that uses the package cannot read `#`. */
function reachable(folder: string, entry: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const queue = [entry];
  for (const name of queue) {
    if (found.has(name)) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    const published = text.replace(OWN_IMPORT, (_, root: string, path: string) => {
      const module = root === '#' ? path : join(dirname(name), root, path);
      queue.push(`${module}.d.ts`);
      const relativePath = relative(dirname(name), `${module}.js`);
      return relativePath.startsWith('.') ? relativePath : `./${relativePath}`;
    });
    found.set(name, published);
  }
  return found;
}
