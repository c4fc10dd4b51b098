#!/usr/bin/env node
/*
 * What is the same in every run stands ready in a file, and nothing else is loaded for it. CommonJS
 * (package.json beside it), since before an ES module Node.js loads what loads them: 4 ms.
 */
const READY = new Map([
  ['--version', 'version.txt'],
  ['-V', 'version.txt'],
  ['--help', 'help.txt'],
  ['-h', 'help.txt'],
]);
const READY_WIDTH = 80;

const { argv, env, stdout } = process;
const file = argv.length === 3 ? READY.get(argv[2] ?? '') : undefined;
if (file === undefined || (stdout.columns ?? READY_WIDTH) < READY_WIDTH) {
  keepCompiled();
  void import('../dist/cli.js');
} else {
  const { readFileSync } = require('node:fs');
  // As a program that SIGPIPE ends.
  stdout.on('error', () => process.exit(141));
  stdout.write(readFileSync(`${__dirname}/../dist/${file}`));
}

/** Node 22.1: compiles once. Below the user's own folder, since what is found there is run. */
function keepCompiled() {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME } = env;
  const folder = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && `${HOME}/.cache`);
  if (folder) require('node:module').enableCompileCache?.(`${folder}/ecsh/compiled`);
}
