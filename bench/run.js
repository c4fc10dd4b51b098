// @ts-check
/*
 * `npm run bench [-- --json] [-- --full] [-- --compare FILE] [-- ROW…]`; README.md says how to read it.
 * Runs inside `ecsh simulate -- …`.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findPlugin } from './programs.js';
import { describe } from './report.js';
import { Gateway } from './surroundings.js';

/**
 * @typedef {object} Surroundings what every row is given
 * @property {Gateway} gateway
 * @property {string | undefined} plugin
 * @property {boolean} full take the time that it takes
 */

const ROWS = [
  'help',
  'start',
  'exec',
  'shared',
  'receive',
  'pace',
  'upload',
  'keys',
  'long',
  'growth',
  'package',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    compare: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => !ROWS.includes(name));
if (unknown.length > 0) {
  throw new Error(`no such row: ${unknown.join(', ')}; there are ${ROWS.join(', ')}`);
}
/** @type {import('./result.js').Result[]} */
const before = values.compare === undefined ? [] : JSON.parse(readFileSync(values.compare, 'utf8'));

const gateway = await new Gateway().ready();
/** @type {import('./result.js').Result[]} */
const results = [];
try {
  const surroundings = { gateway, plugin: findPlugin(), full: values.full };
  for (const name of positionals.length > 0 ? positionals : ROWS) {
    const row = await import(`./rows/${name}.js`);
    for (const result of await row.run(surroundings)) {
      results.push(result);
      if (!values.json) {
        const earlier = before.find((other) => other.row === result.row);
        process.stdout.write(`${describe(result, earlier)}\n`);
      }
    }
  }
} finally {
  await gateway.close();
}
if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
