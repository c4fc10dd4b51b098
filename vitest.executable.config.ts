import { defineConfig } from 'vitest/config';
import { textModules } from './build/text-modules.ts';

/** `npm run test:executable`. */
export default defineConfig({
  plugins: [textModules()],
  test: {
    include: ['test/{e2e,executable}/**/*.test.ts'],
    testTimeout: 20_000,
    globalSetup: 'test/helpers/temporary.ts',
    setupFiles: ['test/helpers/setup.ts'],
    env: { ECSH_FUZZ: '0.1' },
  },
});
