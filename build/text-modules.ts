import { readFile } from 'node:fs/promises';

const EXTENSIONS = /\.(bash|zsh|fish|ps1)$/;

/** Lets a script in another language be imported as its text, in the bundle and in tests. */
export function textModules() {
  return {
    name: 'text-modules',
    async load(id: string) {
      if (!EXTENSIONS.test(id)) return null;
      const text = await readFile(id, 'utf8');
      return { code: `export default ${JSON.stringify(text)};`, moduleType: 'js' as const };
    },
  };
}
