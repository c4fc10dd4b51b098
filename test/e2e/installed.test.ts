import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { DIST } from '#test/helpers/program.ts';

let lab: Lab;
let modules: string;

/** Installs the tarball into a project without the pty package, like on Alpine, which has no build of it. */
beforeAll(async () => {
  lab = await Lab.start();
  const npm = (cwd: string, ...words: string[]) => execFileSync('npm', words, { cwd });
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', lab.folder];
  const [tarball = ''] = String(npm(join(DIST, '..'), ...pack))
    .trim()
    .split('\n')
    .slice(-1);
  writeFileSync(join(lab.folder, 'package.json'), '{}');
  npm(lab.folder, 'install', '--omit=optional', '--offline', '--no-audit', tarball);
  modules = join(lab.folder, 'node_modules');
});

afterAll(() => lab.stop());

const installed = (...args: readonly string[]) =>
  lab.startProgram([join(modules, '.bin/ecsh'), ...args]).finished;

it('runs commands without the optional pty', async () => {
  expect(existsSync(join(modules, '@lydell'))).toBe(false);
  const result = await installed('exec', '-q', 'lab/app', '--', 'sh', '-c', 'echo out; exit 3');
  expect(result).toEqual({ status: 3, stdout: 'out\n', stderr: '' });
});

it('reports the missing package to anyone who starts the simulator', async () => {
  expect(await installed('simulate')).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'ecsh: The simulator needs the optional package @lydell/node-pty. [pty-missing]\n' +
      '  Install it where ecsh is:  npm install -g @lydell/node-pty  (without -g in a project)\n',
  });
});
