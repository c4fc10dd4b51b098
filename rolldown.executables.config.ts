import { defineConfig } from 'rolldown';
import { builtinModulesByName } from './build/builtin-modules.ts';
import { modules } from './build/bundled-modules.ts';
import { textModules } from './build/text-modules.ts';

/** The whole program as one CommonJS file, for `npm run executables`. */
export default defineConfig({
  ...modules,
  // Nothing but the code itself is there to load modules with.
  plugins: [textModules(), builtinModulesByName(['import-statement', 'dynamic-import'])],
  input: { ecsh: 'src/cli.ts' },
  output: {
    dir: 'executables/parts',
    entryFileNames: '[name].cjs',
    format: 'cjs',
    cleanDir: true,
    minify: true,
    codeSplitting: false,
  },
});
