import { configDefaults, defineConfig } from 'vitest/config';
import { textModules } from './build/text-modules.ts';

export default defineConfig({
  plugins: [textModules()],
  test: {
    include: ['test/**/*.test.ts'],
    // Against programs that are in no package archive (vitest.peers.config.ts).
    exclude: [...configDefaults.exclude, 'test/peers/**'],
    testTimeout: 20_000,
    globalSetup: 'test/helpers/temporary.ts',
  },
});
