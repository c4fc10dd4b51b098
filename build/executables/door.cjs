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
const { basename, dirname } = require('node:path');
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
  void start();
} else {
  // The status of a program that SIGPIPE ends.
  stdout.on('error', () => process.exit(141));
  stdout.write(getAsset(ready, 'utf8'));
}

/** Inside `ecsh connect` most of the program is not needed for an `exec`: as bin/ecsh.js. */
async function start() {
  if (process.env.ECSH_CONNECTED && argv[2] === 'exec') {
    const status = await run('connected').runQuickly(argv.slice(3));
    if (status !== undefined) process.exitCode = status;
    if (status !== undefined) return;
  }
  run('ecsh');
}

/** Runs a bundle as a CommonJS module. */
function run(name) {
  const { Script } = require('node:vm');
  const { createRequire } = require('node:module');
  const code = `(function (exports, require, module, __filename, __dirname) {${getAsset(`${name}.cjs`, 'utf8')}\n})`;
  const script = new Script(code, { filename: name, cachedData: codeCache(name) });
  const module = { exports: {} };
  const place = [execPath, dirname(execPath)];
  script.runInThisContext()(module.exports, createRequire(execPath), module, ...place);
  return module.exports;
}

/** Made by the same Node.js on the same kind of machine, else V8 does without it. */
function codeCache(name) {
  try {
    return Buffer.from(getRawAsset(`${name}.cache`));
  } catch {
    return undefined;
  }
}
