import { readFile } from 'node:fs/promises';
import { oneLine } from './shell-script.ts';

const EXTENSIONS = /\.(sh|bash|zsh|fish|ps1|pl|py|rb|php)$/;

export function isTextModule(id: string): boolean {
  return EXTENSIONS.test(id);
}

/** The source of a module whose default export is the script's text. */
export function textModule(id: string, content: string): string {
  const text = id.endsWith('.sh') ? oneLine(content) : content;
  return `export default ${JSON.stringify(text)};`;
}

/**
 * A plugin for imports of scripts in other languages, in the bundle and in tests: each import is the script's text.
 * A `.sh` file becomes one line without comments, because it is sent to a container as part of a command string.
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
