import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    globalSetup: 'test/helpers/temporary.ts',
    // Programs on real terminals depend on a machine that others load, too: a second chance in CI,
    // which the report shows. At one's own desk a test that fails now and then is to be seen.
    retry: process.env.CI === undefined ? 0 : 1,
  },
});
