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
 */

/**
 * @typedef {object} Context
 * @property {string} target
 * @property {boolean} mayChange
 * @property {boolean} mayWait
 * @property {string | undefined} port
 * @property {string} folder For files.
 * @property {Record<string, string>} facts About the place, for the head of the report.
 * @property {(words: readonly string[], options?: RunOptions) => Promise<Finished>} ecsh
 * @property {(argv: readonly string[], flags?: readonly string[], options?: RunOptions) => Promise<Finished>} exec
 * @property {() => Promise<import('./tunnels.js').Tunnels>} tunnels A proxy whose connections can be cut.
 * @property {() => Promise<void>} close
 */

const ECSH = resolve(import.meta.dirname ?? '.', '../bin/ecsh.js');
/** For one run of the program, in milliseconds. */
const LIMIT_MS = 120_000;

/**
 * @param {{ target: string, mayChange: boolean, mayWait: boolean, port: string | undefined }} options
 * @returns {Context}
 */
export function createContext(options) {
  const folder = mkdtempSync(join(tmpdir(), 'ecsh-acceptance-'));
  /** @type {import('./tunnels.js').Tunnels | undefined} */
  let tunnels;
  return {
    ...options,
    folder,
    facts: {},
    ecsh: run,
    exec: (argv, flags = [], more = {}) =>
      run(['exec', '-q', ...flags, options.target, '--', ...argv], more),
    async tunnels() {
      tunnels ??= await openTunnels();
      return tunnels;
    },
    async close() {
      tunnels?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * @param {readonly string[]} words
 * @param {RunOptions} [options]
 * @returns {Promise<Finished>}
 */
function run(words, { input, env = {}, onOutput = () => undefined, limitMs = LIMIT_MS } = {}) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [ECSH, ...words], {
    env: { ...process.env, ECSH_NO_INPUT: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: limitMs,
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
  });
  // It may end without reading all of it.
  child.stdin.on('error', () => undefined);
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
