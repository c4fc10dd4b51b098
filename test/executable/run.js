/*
 * npm run test:executable: the end-to-end tests of what people do, and those beside this file, with the
 * single executable for this machine in place of bin/ecsh.js. With --smoke only those beside this file;
 * the rest of what is given goes to vitest.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { resolve } from 'node:path';
import { NODE_VERSION, TARGETS } from '../../build/executables/targets.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const host = `${platform()}-${arch()}`;
const executable = resolve(`executables/ecsh-${version}-${host}/ecsh`);
const { nodePackage = '' } = TARGETS.find(({ name }) => name === host) ?? {};
const node = resolve(`node_modules/.cache/executables/${nodePackage}-${NODE_VERSION}/bin/node`);
const words = process.argv.slice(2);
const parts = ['exec', 'shell', 'cp', 'killed', 'completion'].map(
  (name) => `test/e2e/${name}.test.ts`,
);
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.executable.config.ts'],
    ...words.filter((word) => word !== '--smoke'),
    ...(words.includes('--smoke') ? [] : parts),
    'test/executable',
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, ECSH_TEST_EXECUTABLE: executable, ECSH_TEST_NODE: node },
  },
);
process.exitCode = status ?? 1;
