import { builtinModulesByName } from './builtin-modules.ts';
import { ssh2Server } from './ssh2-server.ts';
import { textModules } from './text-modules.ts';

/** The options that all bundles share. */
export const modules = {
  platform: 'node' as const,
  plugins: [ssh2Server(), textModules(), builtinModulesByName()],
  // The pty is native code and optional: it is loaded from node_modules where it is installed.
  external: ['@lydell/node-pty'],
  transform: {
    // The SDK warns that it will drop a version of Node.js; the user of a bundle cannot act on that.
    define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  },
  // Modules of Node.js that are not used are not loaded (build/builtin-modules.ts).
  treeshake: { propertyReadSideEffects: false as const },
  resolve: {
    // The packages' ES modules: their CommonJS, Node's default choice, cannot be tree-shaken.
    mainFields: ['module', 'main'],
  },
};
