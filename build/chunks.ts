import { resolve } from 'node:path';

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/**
 * Each file costs at start-up: what every run of the program loads is one chunk, and what the
 * library shares with it another. What is loaded later stays apart.
 */
export function startChunks(program: string, library: string) {
  let graphs: readonly [ReadonlySet<string>, ReadonlySet<string>] | undefined;
  return {
    debugName: 'start',
    includeDependenciesRecursively: false,
    name(id: string, modules: Modules) {
      graphs ??= [staticGraph(program, modules), staticGraph(library, modules)];
      const [ofProgram, ofLibrary] = graphs;
      if (!ofProgram.has(id)) return null;
      return ofLibrary.has(id) ? 'shared' : 'start';
    },
  };
}

/** What a module imports, directly or not, to be evaluated itself. */
function staticGraph(entry: string, modules: Modules): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [resolve(entry)];
  for (const id of queue) {
    for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) {
      if (found.has(imported)) continue;
      found.add(imported);
      queue.push(imported);
    }
  }
  return found;
}
