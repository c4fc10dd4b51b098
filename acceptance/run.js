#!/usr/bin/env node
/*
 * npm run test:live -- --target CLUSTER/SERVICE [--allow-changes]: what can only be known from AWS, asked of
 * a service of yours. Writes a report to paste into an issue, account ids masked.
 */
import { parseArgs } from 'node:util';
import { skip } from './check.js';
import { CHECKS } from './checks/all.js';
import { createContext } from './context.js';
import { writeReport } from './report.js';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    'allow-changes': { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    port: { type: 'string' },
    only: { type: 'string' },
    report: { type: 'string', default: 'acceptance-report' },
    help: { type: 'boolean', default: false },
  },
});

const USAGE = `npm run test:live -- --target CLUSTER/SERVICE [options]

Runs commands, a shell, copies and a forward in one container of that service, and asks what
docs/unverified.md lists. It takes a few minutes and changes nothing. Region, profile and credentials
are those that ecsh would use; AWS_ENDPOINT_URL leads it elsewhere.

  --target TARGET   a service, with the cluster; a task or TARGET@CONTAINER will do
  --allow-changes   also start tasks like the service's, and stop them; register a task definition, and
                    deregister it; protect a task for a moment; open Live Tail: costs cents
  --long            also wait out the idle limit: 45 minutes
  --port PORT       a port that something in the container listens on
  --only ID,…       these checks only
  --report NAME     write NAME.md and NAME.json (acceptance-report)
`;

if (values.help || values.target === undefined) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const context = createContext({
  target: values.target,
  mayChange: values['allow-changes'],
  mayWait: values.long,
  port: values.port,
});
const only = values.only?.split(',');
/** @type {import('./check.js').Result[]} */
const results = [];
for (const check of CHECKS.filter(({ id }) => only === undefined || only.includes(id))) {
  process.stderr.write(`${check.id} … `);
  const result = await runOne(hasNoCommand() ? { ...check, run: withoutCommand } : check);
  process.stderr.write(`${result.outcome}${result.detail === '' ? '' : `: ${result.detail}`}\n`);
  results.push(result);
}
await context.close();
const isFailed = results.some(({ outcome }) => outcome === 'fail');
const files = writeReport(values.report, { target: values.target, facts: context.facts, results });
process.stderr.write(`Wrote ${files.join(' and ')}.\n`);
process.exitCode = isFailed ? 1 : 0;

function hasNoCommand() {
  return results.some(({ id, outcome }) => id === 'command' && outcome === 'fail');
}

async function withoutCommand() {
  return skip('no command runs there: see the check `command`');
}

/**
 * @param {import('./check.js').Check} check
 * @returns {Promise<import('./check.js').Result>}
 */
async function runOne({ id, title, questions, run }) {
  const startedAt = performance.now();
  const done = (/** @type {import('./check.js').Seen} */ seen) => ({
    ...{ id, title, questions },
    ...seen,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  });
  try {
    return done(await run(context));
  } catch (error) {
    return done({
      outcome: 'fail',
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}
