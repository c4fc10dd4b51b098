// @ts-check
/* What is installed, and how soon it runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed } from '../programs.js';
import { absolute, median, notMeasured } from '../result.js';

const ROUNDS = 5;
/** Native code, without which the simulator has no terminals. */
const OPTIONAL = '@lydell/node-pty';
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];
const NPX = 'package: npx from a warm cache';

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'ecsh-bench-'));
  try {
    const { filename, size, unpackedSize } = pack(folder);
    return [
      absolute('package: tarball', { measured: size / 1e3, unit: 'KB', most: 900 }),
      absolute('package: unpacked', { measured: unpackedSize / 1e3, unit: 'KB', most: 3000 }),
      absolute('package: dependencies and install scripts', {
        measured: surprises(),
        unit: 'of them',
        most: 0,
      }),
      await npx(folder, join(folder, filename)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @returns {{ filename: string, size: number, unpackedSize: number }} */
function pack(folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  return JSON.parse(spawnSync('npm', args, { encoding: 'utf8' }).stdout)[0];
}

function surprises() {
  const { scripts, dependencies, optionalDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return [
    ...INSTALL_SCRIPTS.filter((name) => name in scripts),
    ...Object.keys(dependencies ?? {}),
    ...Object.keys(optionalDependencies ?? {}).filter((name) => name !== OPTIONAL),
  ].length;
}

/** @param {string} folder @param {string} tarball */
async function npx(folder, tarball) {
  // The first fills the cache. A prefix elsewhere, so that npx finds no ecsh but this.
  const where = ['--yes', '--prefer-offline', '--prefix', folder, '--package', tarball];
  const argv = ['npx', ...where, 'ecsh', '--version'];
  try {
    await timed(argv);
  } catch (error) {
    const note = `npx failed: ${String(error).split('\n')[0]}`;
    return notMeasured(NPX, { of: 'measured', most: 1500 }, note);
  }
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(argv));
  return absolute(NPX, { measured: median(times), unit: 'ms', most: 1500 });
}
