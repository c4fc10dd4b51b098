#!/usr/bin/env node
/*
 * npm run test:live -- --target CLUSTER/SERVICE [--allow-changes]: what can only be known from AWS, asked of
 * a service of yours. Writes a report to paste into an issue, account ids masked.
 */
import { constants } from 'node:os';
import { skip } from './check.js';
import { CHECKS } from './checks/all.js';
import { createContext } from './context.js';
import { readOptions, USAGE } from './options.js';
import { writeReport } from './report.js';

process.exitCode = await main();

async function main() {
  try {
    const options = readOptions(process.argv.slice(2), CHECKS);
    if (options !== 'help') return await runAll(options);
    say(USAGE);
    return 0;
  } catch (error) {
    say(`test:live: ${reasonOf(error)}\n\n${USAGE}`);
    return 2;
  }
}

/** @param {import('./options.js').Options} options */
async function runAll({ checks, report, ...options }) {
  const context = createContext(options);
  const stops = stopOnSignals(context);
  /** @type {import('./check.js').Result[]} */
  const results = [];
  for (const check of checks) {
    say(`${check.id} … `);
    const result = await runOne({ ...check, run: runOf(check, results, context) }, context);
    say(`${result.outcome}${result.detail === '' ? '' : `: ${result.detail}`}\n`);
    results.push(result);
  }
  await context.close();
  const files = writeReport(report, { target: options.target, facts: context.facts, results });
  say(`Wrote ${files.join(' and ')}.\n`);
  if (stops.status !== undefined) return stops.status;
  return results.some(({ outcome }) => outcome === 'fail') ? 1 : 0;
}

/**
 * A signal ends what runs, which then ends its sessions and tasks; a second one is passed on as well.
 *
 * @param {import('./context.js').Context} context
 */
function stopOnSignals(context) {
  /** @type {{ status: number | undefined }} */
  const stops = { status: undefined };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      stops.status ??= 128 + constants.signals[signal];
      context.stop(signal);
    });
  }
  return stops;
}

/**
 * @param {import('./check.js').Check} check
 * @param {readonly import('./check.js').Result[]} results so far
 * @param {import('./context.js').Context} context
 */
function runOf(check, results, context) {
  if (context.isStopped()) return async () => skip('interrupted');
  const hasNoCommand = results.some(({ id, outcome }) => id === 'command' && outcome === 'fail');
  if (hasNoCommand) return async () => skip('no command runs there: see the check `command`');
  return check.run;
}

/**
 * @param {import('./check.js').Check} check
 * @param {import('./context.js').Context} context
 * @returns {Promise<import('./check.js').Result>}
 */
async function runOne({ id, title, questions, run }, context) {
  const startedAt = performance.now();
  const done = (/** @type {import('./check.js').Seen} */ seen) => ({
    ...{ id, title, questions },
    ...seen,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  });
  try {
    const seen = await run(context);
    return done(context.isStopped() ? skip('interrupted') : seen);
  } catch (error) {
    if (context.isStopped()) return done(skip('interrupted'));
    return done({ outcome: 'fail', detail: reasonOf(error) });
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {string} text */
function say(text) {
  process.stderr.write(text);
}
