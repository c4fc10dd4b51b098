/*
 * The GitHub Action: runs ecsh with the inputs of action.yml, and reports to the runner. Its argument is
 * the ecsh to run.
 */
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readInputs } from './inputs.mjs';
import { Tee } from './output.mjs';
import { escaped, fail, report, say } from './report.mjs';

const [, , ecsh = ''] = process.argv;
const { env } = process;
/** The status of ecsh where it could not run the command. */
const OWN_FAILURE = 255;
const WRONG_USAGE = 2;

async function main() {
  let inputs;
  try {
    inputs = readInputs(env);
  } catch (error) {
    return fail(env, error.message, WRONG_USAGE);
  }
  const { createClient } = await import(pathToFileURL(join(dirname(ecsh), '../dist/index.js')).href);
  const world = { client: createClient({ region: inputs.region }), inputs, signal: cancelSignal() };
  let targets;
  try {
    targets = inputs.all ? await tasksOf(world) : [inputs.target];
  } catch (error) {
    return fail(env, textOf(error), error.exitCode ?? OWN_FAILURE);
  }
  return report(env, await runInEach(world, targets));
}

/** Aborts when the job is cancelled: the runner sends SIGINT, and SIGTERM later; some have sent SIGHUP. */
function cancelSignal() {
  const cancelled = new AbortController();
  const cancel = () => cancelled.abort(new Error('The job was cancelled.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, cancel);
  return cancelled.signal;
}

/** Every running task. Where there is none yet, waits for the first one. */
async function tasksOf({ client, inputs: { target, cluster, waitMs = 0 }, signal }) {
  if (waitMs > 0) await client.resolve(target, { cluster, waitMs, signal, onNotice: say });
  const container = /@[^@/]+$/.exec(target)?.[0] ?? '';
  const tasks = await client.list(target, { cluster, signal });
  return tasks.map(({ task }) => `${task}${container}`);
}

/** One after the other, so that each has a group of its own in the log. */
async function runInEach(world, targets) {
  const runs = [];
  for (const target of targets) {
    runs.push(await runIn(world, target));
    if (world.signal.aborted) break;
  }
  return runs;
}

/** Shows its output while it comes, in a group; what the command prints is no command to the runner. */
async function runIn(world, target) {
  const token = randomUUID();
  say(`::group::ecsh exec ${escaped(target)}`);
  say(`::stop-commands::${token}`);
  const seen = await execute(world, target);
  say(`\n::${token}::`);
  say('::endgroup::');
  return { target, ...seen };
}

async function execute({ client, inputs, signal }, target) {
  const { argv, cluster, waitMs, timeoutMs } = inputs;
  const streams = { stdout: new Tee(), stderr: new Tee() };
  const options = { ...streams, env: inputs.env, timeoutMs, signal, onNotice: say };
  let task;
  try {
    const place = await client.resolve(target, { cluster, waitMs, signal, onNotice: say });
    task = place.task;
    const { status } = await client.exec(`${task}@${place.container}`, argv, options);
    return { status, task, why: `The command ended with status ${status}.`, ...streams };
  } catch (error) {
    say(`ecsh: ${textOf(error)}`);
    return { status: error.exitCode ?? OWN_FAILURE, task, why: error.message, ...streams };
  }
}

/** @returns the message, and what to do about it */
function textOf({ message, hint }) {
  return hint === undefined ? message : `${message} ${hint}`;
}

process.exitCode = await main();
