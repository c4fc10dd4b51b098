/*
 * npm run test:executable: the end-to-end tests of what people do, and those beside this file, with the
 * single executable for this machine in place of bin/ecsh.js and no Node.js on PATH. Its words go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { NODE_VERSION, TARGETS } from '../../build/executables/targets.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const host = `${platform()}-${arch()}`;
const executable = resolve(`executables/ecsh-${version}-${host}/ecsh`);
const { nodePackage = '' } = TARGETS.find(({ name }) => name === host) ?? {};
const node = resolve(`node_modules/.cache/executables/${nodePackage}-${NODE_VERSION}/bin/node`);

const PARTS = [
  'test/e2e/exec/exec.test.ts',
  'test/e2e/exec/killed.test.ts',
  'test/e2e/shell.test.ts',
  'test/e2e/copy/cp.test.ts',
  'test/e2e/ssh/ssh.test.ts',
  'test/e2e/completion.test.ts',
  'test/executable/executable.test.ts',
];
const missing = PARTS.filter((file) => !existsSync(file));
if (missing.length > 0) throw new Error(`there is no ${missing.join(' and no ')}`);

const folder = mkdtempSync(join(tmpdir(), 'ecsh-path-'));
try {
  linkPrograms(folder);
  const { status } = spawnSync(
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.executable.config.ts'],
      ...process.argv.slice(2),
      ...PARTS,
    ],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        PATH: folder,
        ECSH_TEST_EXECUTABLE: executable,
        ECSH_TEST_NODE: node,
      },
    },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** Fills `into` with links to all programs on PATH but Node.js and what comes with it. */
function linkPrograms(into) {
  const names = new Set(['node', 'npm', 'npx', 'corepack']);
  for (const path of (process.env.PATH ?? '').split(delimiter)) {
    if (path === '' || !existsSync(path)) continue;
    for (const name of readdirSync(path)) {
      if (names.has(name)) continue;
      names.add(name);
      symlinkSync(join(resolve(path), name), join(into, name));
    }
  }
}
