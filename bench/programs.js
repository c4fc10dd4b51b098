// @ts-check
/* The programs that are measured: how they are started, and what they cost (Linux). */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const NODE = process.execPath;
export const ECSH = [NODE, fileURLToPath(new URL('../bin/ecsh.js', import.meta.url))];

/**
 * Without the certificates that this machine presets: the first of these variables has Node.js 20 parse
 * all the authorities that it knows before it does anything (28 ms), the second has ecsh do so.
 */
const { NODE_EXTRA_CA_CERTS, AWS_CA_BUNDLE, ...PLAIN } = process.env;

/** A run that takes longer hangs; milliseconds. */
const LIMIT = 300_000;

/** The plugin, where there is one. */
export function findPlugin() {
  const name = process.env.SESSION_MANAGER_PLUGIN ?? 'session-manager-plugin';
  return spawnSync(name, ['--version']).status === 0 ? name : undefined;
}

export function hasAwsCli() {
  return spawnSync('aws', ['--version']).status === 0;
}

/** Milliseconds since the epoch, comparable with those of the gateway's thread. */
export function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * Starts a program and discards its output. Its stdin stays open and silent: the plugin ends with it.
 *
 * @param {readonly string[]} argv
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function start([file = '', ...args], env) {
  const begun = now();
  const child = spawn(file, args, { env, stdio: ['pipe', 'ignore', 'pipe'], timeout: LIMIT });
  // A program that ends does not take the rest of its stdin.
  child.stdin?.on('error', () => undefined);
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({
    status: code ?? signal,
    took: now() - begun,
    stderr,
  }));
  return { pid: child.pid ?? 0, stdin: child.stdin, begun, ended, kill: () => child.kill() };
}

/**
 * Milliseconds from start to end of a program that has to succeed.
 *
 * @param {readonly string[]} argv
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export async function timed(argv, env = PLAIN) {
  const { status, took, stderr } = await start(argv, env).ended;
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
  return took;
}

/** CPU that a process has used, user and system, in milliseconds. @param {number} pid */
export function cpuOf(pid) {
  // From the third field on; utime and stime are the 14th and 15th, in ticks of 10 ms.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Most memory that a process has had resident so far, in MiB. @param {number} pid */
export function peakMemoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
