import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openTunnels } from './tunnels.js';

/**
 * @typedef {object} Finished
 * @property {number} status 255 where a signal ended it.
 * @property {Buffer} stdout
 * @property {string} stderr
 * @property {number} ms
 */

/**
 * @typedef {object} RunOptions
 * @property {string | Uint8Array} [input]
 * @property {Readonly<Record<string, string>>} [env]
 * @property {number} [limitMs] Two minutes unless it says more.
 * @property {(text: string) => void} [onOutput] Called with all of stdout so far.
 * @property {(text: string) => void} [onError] Called with all of stderr so far.
 * @property {boolean} [cleansUp] It runs although the suite was interrupted.
 */

/**
 * @typedef {object} Start
 * @property {Readonly<Record<string, string | undefined>>} env
 * @property {number} limitMs
 * @property {boolean} [cleansUp]
 */

/**
 * @typedef {object} Context
 * @property {string} target
 * @property {boolean} mayChange
 * @property {boolean} mayWait
 * @property {string | undefined} port
 * @property {string} folder For files.
 * @property {Record<string, string>} facts About the place, for the head of the report.
 * @property {(program: string, args: readonly string[], options: Start) => import('node:child_process').ChildProcessWithoutNullStreams} start
 *   A program that `stop` ends too.
 * @property {(words: readonly string[], options?: RunOptions) => Promise<Finished>} ecsh
 * @property {(argv: readonly string[], flags?: readonly string[], options?: RunOptions) => Promise<Finished>} exec
 * @property {() => Promise<import('./tunnels.js').Tunnels>} tunnels A proxy whose connections can be cut.
 * @property {(signal: NodeJS.Signals) => void} stop Signals what runs; nothing starts after that.
 * @property {() => boolean} isStopped
 * @property {() => Promise<void>} close
 */

export const ECSH = resolve(import.meta.dirname ?? '.', '../bin/ecsh.js');
/** For one run of the program, in milliseconds. */
const LIMIT_MS = 120_000;

/**
 * @param {{ target: string, mayChange: boolean, mayWait: boolean, port: string | undefined }} options
 * @returns {Context}
 */
export function createContext(options) {
  const folder = mkdtempSync(join(tmpdir(), 'ecsh-acceptance-'));
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set();
  let isStopped = false;
  /** @type {import('./tunnels.js').Tunnels | undefined} */
  let tunnels;
  /** @type {Context['start']} */
  const start = (program, args, { env, limitMs, cleansUp = false }) => {
    if (isStopped && !cleansUp) throw new Error('interrupted');
    // A group of its own: Ctrl-C reaches it through `stop` alone, once.
    const child = spawn(program, args, { env, timeout: limitMs, detached: true });
    running.add(child);
    child.once('close', () => running.delete(child));
    // It may end without reading all of it.
    child.stdin.on('error', () => undefined);
    return child;
  };
  /** @type {Context['ecsh']} */
  const ecsh = (words, more = {}) => runToEnd(start, words, more);
  return {
    ...options,
    folder,
    facts: {},
    start,
    ecsh,
    exec: async (argv, flags = [], more = {}) =>
      ecsh(['exec', '-q', ...flags, options.target, '--', ...argv], more),
    async tunnels() {
      tunnels ??= await openTunnels();
      return tunnels;
    },
    stop(signal) {
      isStopped = true;
      for (const child of running) child.kill(signal);
    },
    isStopped: () => isStopped,
    async close() {
      tunnels?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * @param {Context['start']} start
 * @param {readonly string[]} words
 * @param {RunOptions} options
 * @returns {Promise<Finished>}
 */
async function runToEnd(start, words, options) {
  const { input, env = {}, limitMs = LIMIT_MS, cleansUp } = options;
  const { onOutput = () => undefined, onError = () => undefined } = options;
  const startedAt = performance.now();
  const child = start(process.execPath, [ECSH, ...words], {
    env: { ...process.env, ECSH_NO_INPUT: '1', ...env },
    limitMs,
    ...(cleansUp === undefined ? {} : { cleansUp }),
  });
  /** @type {Buffer[]} */
  const stdout = [];
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout.push(chunk);
    onOutput(Buffer.concat(stdout).toString());
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    onError(stderr);
  });
  child.stdin.end(input);
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (status) =>
      done({
        status: status ?? 255,
        stdout: Buffer.concat(stdout),
        stderr,
        ms: performance.now() - startedAt,
      }),
    );
  });
}
