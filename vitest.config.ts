import { defineConfig } from 'vitest/config';
import { textModules } from './build/text-modules.ts';

export default defineConfig({
  plugins: [textModules()],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    globalSetup: 'test/helpers/temporary.ts',
  },
});
