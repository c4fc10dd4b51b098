import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

const RELATIVE_IMPORT = /(?<=from ')(\.[^']*)\.ts(?=')/g;

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

/** Every declaration once, its imports as the published files are called. */
function reachable(folder: string, entry: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const queue = [entry];
  for (const name of queue) {
    if (found.has(name)) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    found.set(name, text.replace(RELATIVE_IMPORT, '$1.js'));
    for (const [, path = ''] of text.matchAll(RELATIVE_IMPORT)) {
      queue.push(join(dirname(name), `${path}.d.ts`));
    }
  }
  return found;
}
