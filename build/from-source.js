import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isTextModule, textModule } from './text-modules.ts';

/*
 * Lets Node.js 22.18 or newer run the program from source, where scripts are imported as texts:
 * `node --import ./build/from-source.js src/cli.ts`.
 */
registerHooks({
  load(url, context, nextLoad) {
    if (!isTextModule(url)) return nextLoad(url, context);
    const path = fileURLToPath(url);
    return {
      format: 'module',
      source: textModule(path, readFileSync(path, 'utf8')),
      shortCircuit: true,
    };
  },
});
