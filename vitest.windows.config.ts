import { defineConfig } from 'vitest/config';
import { textModules } from './build/text-modules.ts';

/** `npm run test:windows`: needs Debian's wine. */
export default defineConfig({
  plugins: [textModules()],
  test: {
    include: ['test/windows/**/*.test.ts'],
    // The first start of wine makes a system.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: 'test/helpers/temporary.ts',
    setupFiles: ['test/helpers/setup.ts'],
  },
});
