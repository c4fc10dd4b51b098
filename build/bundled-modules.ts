import { builtinModulesByName } from './builtin-modules.ts';
import { ssh2Server } from './ssh2-server.ts';
import { textModules } from './text-modules.ts';

/** How modules become a bundle, whatever it is for. */
export const modules = {
  platform: 'node' as const,
  plugins: [ssh2Server(), textModules(), builtinModulesByName()],
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
