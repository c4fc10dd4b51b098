#!/usr/bin/env node
/*
 * Starts the program, and answers --version and --help from files without loading it. CommonJS
 * (package.json beside it), since loading the loader of ES modules takes 4 ms.
 */

/*
 * First of all: without a listener SIGUSR1 opens Node's debugger on a loopback port, through which
 * every local user could read the credentials, and rsync sends it to a remote shell that failed.
 */
process.on('SIGUSR1', () => process.kill(process.pid, 'SIGTERM'));
for (const [signal, status] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  // While nothing else handles it: the same status before, during and after a session.
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(status);
  });
}

/*
 * At its exit Node aborts where it cannot reset a terminal that has hung up, and leaves a core dump for a window that
 * was closed. It leaves closed descriptors alone.
 */
process.on('exit', () => {
  const { closeSync, fstatSync } = require('node:fs');
  const { isatty } = require('node:tty');
  for (const descriptor of [0, 1, 2]) {
    try {
      const isDevice = fstatSync(descriptor).isCharacterDevice();
      if (isDevice && !isatty(descriptor)) closeSync(descriptor);
    } catch {
      // It is closed.
    }
  }
});

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
  start().catch((error) => {
    const isFull = error.code === 'EMFILE' || error.code === 'ENFILE';
    process.stderr.write(
      isFull
        ? 'ecsh: ecsh may not open another file or connection. [too-many-open-files]\n' +
            '  Raise the limit in this shell:  ulimit -n 1024\n'
        : `ecsh: The program could not be loaded: ${error.message} [bug]\n`,
    );
    process.exitCode = 255;
  });
} else {
  const { readFileSync } = require('node:fs');
  stdout.on('error', (error) => {
    // The status of a program that SIGPIPE ends.
    if (error.code === 'EPIPE') process.exit(141);
    process.stderr.write(`ecsh: The output could not be written: ${error.message} [output-lost]\n`);
    process.exit(1);
  });
  stdout.write(readFileSync(`${__dirname}/../dist/${file}`));
}

/** Inside `ecsh connect` most of the program is not needed for an `exec`. */
async function start() {
  if (env.ECSH_CONNECTED && argv[2] === 'exec') {
    const { runQuickly } = require('../dist/connected.cjs');
    const status = await runQuickly(argv.slice(3));
    // No `exit`: what a slow reader has not taken yet would be lost.
    if (status !== undefined) process.exitCode = status;
    if (status !== undefined) return;
  }
  keepCompiled();
  await import('../dist/cli.js');
}

/** Node 22.1: compiles once. Only in the user's own folder, since what lies there is run. */
function keepCompiled() {
  const { XDG_CACHE_HOME = '', LOCALAPPDATA = '', HOME = '' } = env;
  const isAbsolute = (path) => /^(?:\/|[A-Za-z]:[/\\])/.test(path);
  const folder = [XDG_CACHE_HOME, LOCALAPPDATA, `${HOME}/.cache`].find(isAbsolute);
  if (folder) require('node:module').enableCompileCache?.(`${folder}/ecsh/compiled`);
}
