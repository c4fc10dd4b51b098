import { isBuiltin } from 'node:module';

const PREFIX = '\0builtin:';

/**
 * Takes the modules of Node.js itself by `process.getBuiltinModule`, and of them what is used. An
 * `import` reads every export first, and some of `node:http`'s load a whole HTTP client: 20 ms.
 *
 * @param kinds those that are replaced: in a file by itself dynamic imports have to be as well
 */
export function builtinModulesByName(kinds: readonly string[] = ['import-statement']) {
  return {
    name: 'builtin-modules-by-name',
    resolveId(source: string, _importer: string | undefined, { kind }: { kind: string }) {
      const name = source.replace(/^node:/, '');
      // The bundler's own code, which runs before all else, makes its `require` with `node:module`.
      if (!kinds.includes(kind) || name === 'module') return null;
      return isBuiltin(source) ? { id: PREFIX + name, moduleSideEffects: false } : null;
    },
    load(id: string) {
      return id.startsWith(PREFIX) ? moduleOf(`node:${id.slice(PREFIX.length)}`) : null;
    },
  };
}

function moduleOf(name: string): string {
  const names = Object.keys(process.getBuiltinModule(name) ?? {}).filter(
    (key) => key !== 'default',
  );
  return [
    `const builtin = process.getBuiltinModule('${name}');`,
    'export default builtin;',
    ...names.map((key) => `export const ${key} = builtin.${key};`),
  ].join('\n');
}
