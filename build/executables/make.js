#!/usr/bin/env node
/*
 * npm run executables [-- --only NAME|host --no-archives]: ecsh as one file for each platform, without Node.js. Makes
 * executables/ecsh-VERSION-NAME.tar.xz (.zip for Windows) and SHA256SUMS from the bundle of
 * rolldown.executables.config.ts. Needs tar, xz and zip.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from './pack.js';
import { fetchPackage, lockedPackage } from './packages.js';
import { NODE_VERSION, TARGETS } from './targets.js';

const OUT = resolve('executables');
const PARTS = join(OUT, 'parts');
const CACHE = resolve('node_modules/.cache/executables');
/** The names of the bundles that rolldown.executables.config.ts makes. */
const BUNDLES = ['ecsh', 'connected'];
const HOST = `${platform()}-${arch()}`;

const { values } = parseArgs({
  options: { only: { type: 'string' }, 'no-archives': { type: 'boolean', default: false } },
});
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const only = values.only === 'host' ? HOST : values.only;
const targets = TARGETS.filter(({ name }) => only === undefined || name === only);
if (targets.length === 0) throw new Error(`no target is named ${values.only}`);

const builder = nodeOf(targetNamed(HOST));
for (const name of BUNDLES) makeCodeCache(name);
const folders = targets.map(make);
if (!values['no-archives']) packAll(folders);

/** @param {import('./targets.js').Target} target */
function make(target) {
  const isWindows = target.name.startsWith('win32');
  const folder = join(OUT, `ecsh-${version}-${target.name}`);
  const executable = join(folder, isWindows ? 'ecsh.exe' : 'ecsh');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = join(PARTS, `${target.name}.json`);
  writeFileSync(
    config,
    JSON.stringify({
      main: resolve('build/executables/door.cjs'),
      output: executable,
      executable: nodeOf(target),
      disableExperimentalSEAWarning: true,
      assets: assetsOf(target),
    }),
  );
  execFileSync(builder, ['--build-sea', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const file of ['LICENSE', 'README.md']) cpSync(file, join(folder, file));
  if (!isWindows) cpSync('man/ecsh.1', join(folder, 'ecsh.1'));
  cpSync('dist/THIRD-PARTY-LICENSES.txt', join(folder, 'THIRD-PARTY-LICENSES.txt'));
  // Not every package on npm has it, and it is one text for all platforms.
  cpSync(join(nodeFolder(targetNamed(HOST)), 'LICENSE'), join(folder, 'NODE-LICENSE.txt'));
  return folder;
}

/** @param {import('./targets.js').Target} target */
function assetsOf(target) {
  return {
    'version.txt': resolve('dist/version.txt'),
    'help.txt': resolve('dist/help.txt'),
    ...Object.fromEntries(
      BUNDLES.flatMap((name) => [
        [`${name}.cjs`, join(PARTS, `${name}.cjs`)],
        ...(target.name === HOST ? [[`${name}.cache`, join(PARTS, `${name}.cache`)]] : []),
      ]),
    ),
    ...ptyOf(target),
  };
}

/**
 * The native part of the simulator's pty.
 *
 * @param {import('./targets.js').Target} target
 */
function ptyOf({ ptyPackage }) {
  if (ptyPackage === undefined) return {};
  const folder = fetchPackage({ ...lockedPackage(ptyPackage), folder: CACHE });
  const files = ['pty.node', 'spawn-helper'].filter((file) => existsSync(join(folder, file)));
  return Object.fromEntries(files.map((file) => [file, join(folder, file)]));
}

/**
 * V8 takes it only from itself: it is made by the Node.js that the executable contains.
 *
 * @param {string} name
 */
function makeCodeCache(name) {
  const script = `
    const { readFileSync, writeFileSync } = require('node:fs');
    const { Script } = require('node:vm');
    const code = '(function (exports, require, module, __filename, __dirname) {'
      + readFileSync(process.argv[1], 'utf8') + '\\n})';
    writeFileSync(process.argv[2], new Script(code, { filename: process.argv[3] }).createCachedData());`;
  const [code, cache] = ['cjs', 'cache'].map((kind) => join(PARTS, `${name}.${kind}`));
  execFileSync(builder, ['-e', script, code ?? '', cache ?? '', name]);
}

/** @param {string} name */
function targetNamed(name) {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined) throw new Error(`executables cannot be made on ${name}`);
  return target;
}

/** @param {import('./targets.js').Target} target */
function nodeOf(target) {
  return join(nodeFolder(target), target.nodePath);
}

/** @param {import('./targets.js').Target} target */
function nodeFolder({ nodePackage: name, integrity }) {
  return fetchPackage({ name, version: NODE_VERSION, integrity, folder: CACHE });
}
