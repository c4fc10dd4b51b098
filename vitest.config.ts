import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { textModules } from './build/text-modules.ts';

/** These run programs, ptys and sockets. All other tests outside e2e and peers are pure: fast, and one process. */
const INTEGRATION = [
  'test/{aws,docs,library,local,network,simulator,transport}/**/*.test.ts',
  'test/{copy,forward}/local/**/*.test.ts',
  'test/**/*.process.test.ts',
];
const END_TO_END = ['test/e2e/**/*.test.ts'];
/** These run the program in their own process, which has to be a fresh one. */
const IN_PROCESS = ['test/e2e/hostile.test.ts'];
/** These measure peaks of memory, which grow when garbage waits for a processor: they run last, alone. */
const MEASURED = ['test/e2e/attacks.test.ts'];
/** Against programs that no package archive has, and for `npm run test:executable` and `npm run test:windows`. */
const APART = ['test/peers/**', 'test/executable/**', 'test/windows/**'];

const processors = availableParallelism();
const isCi = process.env.CI === 'true';

const shared = {
  testTimeout: 20_000,
  globalSetup: 'test/helpers/temporary.ts',
  setupFiles: ['test/helpers/setup.ts'],
  // Rounds of the fuzz tests, as a share of the full number that CI runs (test/helpers/rounds.ts).
  env: { ECSH_FUZZ: process.env.ECSH_FUZZ ?? '0.1' },
};

export default defineConfig({
  plugins: [textModules()],
  test: {
    // Most tests wait for programs, so a quiet machine can run more files at once than it has processors.
    // CI machines are often busy.
    maxWorkers: isCi ? Math.max(2, processors - 1) : processors + 3,
    // How many concurrent tests of one file run at the same time.
    maxConcurrency: 3,
    coverage: { include: ['src/**'], provider: 'v8' },
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...INTEGRATION, ...END_TO_END, ...APART],
          isolate: false,
          pool: 'threads',
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'integration',
          include: INTEGRATION,
          isolate: false,
          maxConcurrency: isCi ? 1 : 3,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'e2e',
          include: END_TO_END,
          exclude: [...configDefaults.exclude, ...IN_PROCESS, ...MEASURED],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { ...shared, name: 'e2e-in-process', include: IN_PROCESS },
      },
      {
        extends: true,
        test: { ...shared, name: 'e2e-alone', include: MEASURED, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
