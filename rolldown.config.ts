import { defineConfig } from 'rolldown';
import { billOfMaterials } from './build/bill-of-materials.ts';
import { builtinModulesByName } from './build/builtin-modules.ts';
import { chunksLoadedTogether } from './build/chunks.ts';
import { declarations } from './build/declarations.ts';
import { textModules } from './build/text-modules.ts';
import { thirdPartyLicenses } from './build/third-party-licenses.ts';

const modules = {
  platform: 'node' as const,
  plugins: [textModules(), builtinModulesByName()],
  // The pty is native code and optional: it is loaded from node_modules where it is installed.
  external: ['@lydell/node-pty'],
  transform: {
    // Whoever runs ecsh can do nothing about the SDK's warning that it will leave a Node version behind.
    define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  },
  // Of the modules of Node.js what is not used is not read either (build/builtin-modules.ts).
  treeshake: { propertyReadSideEffects: false as const },
  resolve: {
    // The packages' ES modules: their CommonJS, Node's default choice, cannot be tree-shaken.
    mainFields: ['module', 'main'],
  },
};

export default defineConfig({
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
