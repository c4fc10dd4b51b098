import { readFile } from 'node:fs/promises';
import { oneLine } from './shell-script.ts';

const EXTENSIONS = /\.(sh|bash|zsh|fish|ps1|pl|py|rb|php)$/;

export function isTextModule(id: string): boolean {
  return EXTENSIONS.test(id);
}

/** The code of a module whose default export is the text of a script. */
export function textModule(id: string, content: string): string {
  const text = id.endsWith('.sh') ? oneLine(content) : content;
  return `export default ${JSON.stringify(text)};`;
}

/**
 * Lets a script in another language be imported as its text, in the bundle and in tests. A `.sh` file runs in a
 * container and arrives there as part of a command string: it becomes one line without comments.
 */
export function textModules() {
  return {
    name: 'text-modules',
    async load(id: string) {
      if (!isTextModule(id)) return null;
      return { code: textModule(id, await readFile(id, 'utf8')), moduleType: 'js' as const };
    },
  };
}
