/*
 * The GitHub Action: runs ecsh with the inputs of action.yml, and reports to the runner. Its argument is
 * the ecsh to run.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const [, , ecsh = ''] = process.argv;
const { env } = process;
const inputs = {
  target: env.INPUT_TARGET ?? '',
  script: env.INPUT_RUN ?? '',
  command: (env.INPUT_COMMAND ?? '').split('\n').filter((line) => line !== ''),
  all: env.INPUT_ALL === 'true',
};
/** Bytes; GitHub takes a megabyte for all outputs of a job. */
const STDOUT_LIMIT = 256 * 1024;
/** Bytes of each stream in the step summary. */
const SUMMARY_LIMIT = 4 * 1024;
/** Bytes of the list of tasks: thousands of them. */
const LIST_LIMIT = 64 * 1024 * 1024;
/** The status of ecsh where it could not run the command. */
const OWN_FAILURE = 255;

async function main() {
  if ((inputs.script === '') === (inputs.command.length === 0)) {
    return fail('Give either run or command.', 2);
  }
  for (const name of ['timeout', 'wait']) {
    const text = env[`INPUT_${name.toUpperCase()}`];
    if (!isTime(text)) return fail(`${name}: "${text}" is no time such as 30s or 5m.`, 2);
  }
  const { tasks, why } = inputs.all ? tasksOf(inputs.target) : { tasks: [inputs.target] };
  if (tasks.length === 0) return fail(why, OWN_FAILURE);
  const runs = [];
  for (const task of tasks) runs.push(await runIn(task));
  return report(runs);
}

/** One task after the other, so that each has a group of its own in the log. `why`: there is none. */
function tasksOf(target) {
  const [name = '', container] = target.split('@');
  const { INPUT_REGION: region = '' } = env;
  const words = [
    ...['ls', 'tasks', inCluster(name), '--status', 'running', '--json', '--no-input'],
    ...(region === '' ? [] : ['--region', region]),
  ];
  const { stdout } = spawnSync(process.execPath, [ecsh, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: LIST_LIMIT,
  });
  const rows = JSON.parse(stdout.toString() || '[]');
  if (!Array.isArray(rows)) return { tasks: [], why: rows.error.message };
  const tasks = rows.map(({ taskArn }) =>
    container === undefined ? taskArn : `${taskArn}@${container}`,
  );
  return { tasks, why: `${target} has no running task.` };
}

/** To `ls` a bare word is a cluster. */
function inCluster(name) {
  const cluster = (env.INPUT_CLUSTER ?? '').split('/').at(-1);
  return cluster === '' || name.includes('/') ? name : `${cluster}/${name}`;
}

/** Live in the log, in a group; what the command prints is no command to the runner. */
async function runIn(target) {
  const token = randomUUID();
  say(`::group::ecsh exec ${escaped(target)}`);
  say(`::stop-commands::${token}`);
  const seen = await execute(target);
  say(`\n::${token}::`);
  say('::endgroup::');
  return { target, ...seen };
}

/** Ends the remote command too when the job is cancelled. */
async function execute(target) {
  const { exec } = await import(pathToFileURL(join(dirname(ecsh), '../dist/index.js')).href);
  const streams = { stdout: new Tee(), stderr: new Tee() };
  const cancelled = new AbortController();
  const cancel = () => cancelled.abort(new Error('The job was cancelled.'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, cancel);
  const argv = inputs.script === '' ? inputs.command : ['sh', '-e', '-c', inputs.script];
  const options = { ...place(), ...streams, signal: cancelled.signal, onNotice: say };
  try {
    const { status, task } = await exec(target, argv, options);
    return { status, task, why: `The command ended with status ${status}.`, ...bytesOf(streams) };
  } catch (error) {
    const { message, hint = '', exitCode = 255 } = error;
    say(`ecsh: ${message} ${hint}`);
    return { status: exitCode, task: target, why: message, ...bytesOf(streams) };
  }
}

function place() {
  const { INPUT_CLUSTER: cluster, INPUT_REGION: region, INPUT_TIMEOUT, INPUT_WAIT } = env;
  return {
    cluster: cluster || undefined,
    region: region || undefined,
    timeoutMs: milliseconds(INPUT_TIMEOUT),
    waitMs: milliseconds(INPUT_WAIT),
  };
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const TIME = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

function isTime(text = '') {
  return text === '' || TIME.test(text);
}

/** `30s`, `5m`, … as everywhere in ecsh; undefined for nothing. */
function milliseconds(text = '') {
  const [, number, unit] = TIME.exec(text) ?? [];
  return unit === undefined ? undefined : Number(number) * UNITS[unit];
}

/** Shows in the log what is written to it, and keeps it. */
class Tee extends Writable {
  chunks = [];

  _write(chunk, _encoding, done) {
    this.chunks.push(chunk);
    process.stdout.write(chunk, () => done());
  }
}

function bytesOf({ stdout, stderr }) {
  return { stdout: Buffer.concat(stdout.chunks), stderr: Buffer.concat(stderr.chunks) };
}

function report(runs) {
  const status = Math.max(...runs.map((run) => run.status));
  const stdout = Buffer.concat(runs.map((run) => run.stdout)).subarray(0, STDOUT_LIMIT);
  output('status', String(status));
  output('stdout', stdout.toString());
  output('task', runs.map(({ task }) => task).join('\n'));
  for (const run of runs.filter((each) => each.status !== 0)) annotate(run);
  summarize(runs);
  return status;
}

function annotate({ target, why }) {
  say(`::error title=${property(`ecsh exec ${target}`)}::${escaped(why)}`);
}

function summarize(runs) {
  if (env.GITHUB_STEP_SUMMARY === undefined) return;
  const parts = runs.map(({ target, status, stdout, stderr }) => {
    const rest = status === 0 ? '' : fenced('stderr', stderr);
    return `### \`${target}\`: status ${status}\n\n${fenced('stdout', stdout)}${rest}`;
  });
  appendFileSync(env.GITHUB_STEP_SUMMARY, `${parts.join('\n')}\n`);
}

/** The fence is longer than any in the text. */
function fenced(name, bytes) {
  if (bytes.length === 0) return '';
  const text = bytes.subarray(0, SUMMARY_LIMIT).toString();
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const cut = bytes.length > SUMMARY_LIMIT ? `, the first ${SUMMARY_LIMIT} bytes` : '';
  return `${name}${cut}:\n\n${fence}\n${text}\n${fence}\n\n`;
}

/** The delimiter is unguessable: what the command prints cannot end it. */
function output(name, value) {
  if (env.GITHUB_OUTPUT === undefined) return;
  const end = randomUUID();
  appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}

function fail(message, status) {
  say(`::error title=ecsh::${escaped(message)}`);
  return status;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function escaped(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text) {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

process.exitCode = await main();
