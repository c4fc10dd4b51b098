// @ts-check
/*
 * `npm run bench`: what ecsh costs, each time as a ratio of medians to a named baseline that ran in
 * turns with it, on the same machine, in the same minutes. Absolute times are not worth comparing
 * between machines, and nothing here is a test. Runs inside `ecsh simulate -- …`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @typedef {{ name: string, argv: readonly string[] }} Contender */

const NODE = process.execPath;
const ECSH = [NODE, fileURLToPath(new URL('../bin/ecsh.js', import.meta.url))];
const TEN_MEGABYTES = ['seq', '1', '1400000'];

const bareNode = { name: 'node -e 0', argv: [NODE, '-e', '0'] };
await compare(bareNode, { name: 'ecsh --version', argv: [...ECSH, '--version'] }, 31);
await compare(bareNode, { name: 'ecsh --help', argv: [...ECSH, '--help'] }, 31);
const task = await firstTask();
if (task === undefined) say('exec: no baseline, since aws does not run here');
else {
  await compareExec('exec of true', task, ['true'], 9);
  await compareExec('exec with 10 MB of output', task, TEN_MEGABYTES, 3);
}

/**
 * Against the AWS CLI with session-manager-plugin, on the same simulator, which paces output as the
 * agent does: a frame of about 1 KB each millisecond, and the first one after a second.
 *
 * @param {string} what
 * @param {string} task
 * @param {readonly string[]} command
 * @param {number} rounds
 */
async function compareExec(what, task, command, rounds) {
  const where = ['--cluster', 'demo', '--task', task, '--container', 'app', '--interactive'];
  const aws = ['aws', 'ecs', 'execute-command', ...where, '--command', command.join(' ')];
  await compare(
    { name: 'aws ecs execute-command', argv: aws },
    { name: `ecsh ${what}`, argv: [...ECSH, 'exec', 'demo/web', '--', ...command] },
    rounds,
  );
}

/**
 * @param {Contender} baseline
 * @param {Contender} contender
 * @param {number} rounds
 */
async function compare(baseline, contender, rounds) {
  /** @type {number[]} */
  const baselineTimes = [];
  /** @type {number[]} */
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    baselineTimes.push((await run(baseline.argv)).milliseconds);
    times.push((await run(contender.argv)).milliseconds);
  }
  const [ours, theirs] = [median(times), median(baselineTimes)];
  const ratio = (ours / theirs).toFixed(2);
  const details = `median of ${rounds}: ${ours.toFixed(0)} ms to ${theirs.toFixed(0)} ms`;
  say(`${contender.name}: ${ratio} times ${baseline.name}  (${details})`);
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * Stdin stays open and silent: the plugin cuts the output off when it ends.
 *
 * @param {readonly string[]} argv
 */
async function run([file = '', ...args]) {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output = (output + data).slice(0, 10_000);
  });
  const [status] = await once(child, 'close');
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${status}`);
  return { milliseconds, output };
}

async function firstTask() {
  const list = ['aws', 'ecs', 'list-tasks', '--cluster', 'demo', '--service-name', 'web'];
  try {
    return JSON.parse((await run([...list, '--output', 'json'])).output).taskArns[0];
  } catch {
    return undefined;
  }
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
