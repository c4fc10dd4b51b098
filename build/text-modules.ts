import { readFile } from 'node:fs/promises';
import { oneLine } from './shell-script.ts';

const EXTENSIONS = /\.(sh|bash|zsh|fish|ps1|pl|py|rb|php)$/;

/**
 * Lets a script in another language be imported as its text, in the bundle and in tests. A `.sh` file runs in a
 * container and arrives there as part of a command string: it becomes one line without comments.
 */
export function textModules() {
  return {
    name: 'text-modules',
    async load(id: string) {
      if (!EXTENSIONS.test(id)) return null;
      const content = await readFile(id, 'utf8');
      const text = id.endsWith('.sh') ? oneLine(content) : content;
      return { code: `export default ${JSON.stringify(text)};`, moduleType: 'js' as const };
    },
  };
}
