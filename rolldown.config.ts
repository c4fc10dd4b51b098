import { defineConfig } from 'rolldown';
import { textModules } from './build/text-modules.ts';
import { thirdPartyLicenses } from './build/third-party-licenses.ts';

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  plugins: [textModules(), thirdPartyLicenses('THIRD-PARTY-LICENSES.txt')],
  // The pty is native code and optional: it is loaded from node_modules where it is installed.
  external: ['@lydell/node-pty'],
  resolve: {
    // The packages' ES modules: their CommonJS, Node's default choice, cannot be tree-shaken.
    mainFields: ['module', 'main'],
  },
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    minify: true,
    chunkFileNames: 'chunks/[name].js',
  },
});
