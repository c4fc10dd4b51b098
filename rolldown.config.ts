import { defineConfig } from 'rolldown';
import { billOfMaterials } from './build/bill-of-materials.ts';
import { modules } from './build/bundled-modules.ts';
import { chunksLoadedTogether } from './build/chunks.ts';
import { declarations } from './build/declarations.ts';
import { thirdPartyLicenses } from './build/third-party-licenses.ts';

const program = defineConfig({
  ...modules,
  input: { cli: 'src/cli.ts', index: 'src/index.ts' },
  plugins: [
    ...modules.plugins,
    thirdPartyLicenses('THIRD-PARTY-LICENSES.txt'),
    billOfMaterials('sbom.cdx.json'),
    declarations('index'),
  ],
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    minify: true,
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: await chunksLoadedTogether(modules) },
  },
});

/** The part that an `ecsh exec` inside `ecsh connect` loads. CommonJS: the loader of ES modules takes 10 ms. */
const connected = defineConfig({
  ...modules,
  input: { connected: 'src/connected.ts' },
  output: { dir: 'dist', entryFileNames: '[name].cjs', format: 'cjs', minify: true },
});

export default [program, connected];
