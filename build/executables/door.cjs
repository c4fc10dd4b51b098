/*
 * What a single executable runs first: it answers --version and --help from its assets, as bin/ecsh.js
 * does from files, and otherwise compiles the program, from V8's code cache where there is one.
 */
'use strict';

// As in bin/ecsh.js, and as early: SIGUSR1 must not open Node's debugger to every local user.
process.on('SIGUSR1', () => process.kill(process.pid, 'SIGTERM'));
for (const [signal, status] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(status);
  });
}

const { getAsset, getRawAsset } = require('node:sea');
const { basename } = require('node:path');
const { argv, execPath, stdout } = process;

/** On Windows the plugin is this program under another name: `ecsh plugin install`. */
if (/^session-manager-plugin(\.exe)?$/i.test(basename(execPath))) {
  argv.splice(2, 0, '__session-manager-plugin');
}

const READY = {
  '--version': 'version.txt',
  '-V': 'version.txt',
  '--help': 'help.txt',
  '-h': 'help.txt',
};
const READY_WIDTH = 80;

const ready = argv.length === 3 ? READY[argv[2]] : undefined;
if (ready === undefined || (stdout.columns ?? READY_WIDTH) < READY_WIDTH) {
  run();
} else {
  // The status of a program that SIGPIPE ends.
  stdout.on('error', () => process.exit(141));
  stdout.write(getAsset(ready, 'utf8'));
}

function run() {
  const { Script } = require('node:vm');
  const { createRequire } = require('node:module');
  const code = `(function (exports, require, module, __filename) {${getAsset('ecsh.cjs', 'utf8')}\n})`;
  const script = new Script(code, { filename: 'ecsh', cachedData: codeCache() });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(execPath), module, execPath);
}

/** Made by the same Node.js on the same kind of machine, else V8 does without it. */
function codeCache() {
  try {
    return Buffer.from(getRawAsset('ecsh.cache'));
  } catch {
    return undefined;
  }
}
