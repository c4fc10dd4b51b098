import { defineConfig } from 'rolldown';
import { builtinModulesByName } from './build/builtin-modules.ts';
import { modules } from './build/bundled-modules.ts';

/**
 * For `npm run executables`: the whole program as one CommonJS file, and what an `ecsh exec` inside
 * `ecsh connect` needs as another. Nothing but the code itself is there to load modules with.
 */
export default defineConfig(
  Object.entries({ ecsh: 'src/cli.ts', connected: 'src/connected.ts' }).map(([name, file]) => ({
    ...modules,
    plugins: [...modules.plugins, builtinModulesByName(['dynamic-import'])],
    input: { [name]: file },
    output: {
      dir: 'executables/parts',
      entryFileNames: '[name].cjs',
      format: 'cjs' as const,
      minify: true,
      codeSplitting: false,
    },
  })),
);
