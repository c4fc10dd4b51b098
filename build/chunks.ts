import { resolve } from 'node:path';

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/**
 * Each file that is loaded costs, so what is needed together is one chunk: what every run of the
 * program starts with, what the library shares with it, what sessions are made of, and the clients
 * that they ask AWS with. What only some runs need stays apart.
 */
export function chunksLoadedTogether() {
  const program = staticGraph('src/cli.ts');
  const library = staticGraph('src/index.ts');
  const aws = staticGraph('src/aws/ecs.ts', 'src/aws/ssm.ts', 'src/aws/upgrade-signer.ts');
  return [
    chunk('shared', (id, modules) => program(modules).has(id) && library(modules).has(id)),
    chunk('start', (id, modules) => program(modules).has(id)),
    chunk('session', (id, modules) => library(modules).has(id)),
    chunk('aws', (id, modules) => aws(modules).has(id)),
  ];
}

/** Of two chunks that could contain a module the first does. */
function chunk(name: string, contains: (id: string, modules: Modules) => boolean) {
  return {
    debugName: name,
    name: (id: string, modules: Modules) => (contains(id, modules) ? name : null),
  };
}

/** What these modules import, directly or not; found once, when all modules are known. */
function staticGraph(...roots: readonly string[]) {
  let found: Set<string> | undefined;
  return (modules: Modules): ReadonlySet<string> => {
    if (found !== undefined) return found;
    found = new Set();
    const queue = roots.map((path) => resolve(path));
    for (const id of queue) {
      for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) {
        if (found.has(imported)) continue;
        found.add(imported);
        queue.push(imported);
      }
    }
    return found;
  };
}
