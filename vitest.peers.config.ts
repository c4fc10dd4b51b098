import { defineConfig } from 'vitest/config';

/** `npm run test:peers`, on a machine that has the AWS CLI and session-manager-plugin. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 20_000,
    globalSetup: 'test/helpers/temporary.ts',
    setupFiles: ['test/helpers/setup.ts'],
  },
});
