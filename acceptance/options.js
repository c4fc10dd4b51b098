import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `npm run test:live -- --target CLUSTER/SERVICE [options]

Runs commands, a shell, copies and a forward in one container of that service, and asks what
docs/unverified.md lists. It takes a few minutes and changes nothing. Region, profile and credentials
are those that ecsh would use; AWS_ENDPOINT_URL leads it elsewhere. Ctrl-C ends it, with a report.

  --target TARGET   a service, with the cluster; a task or TARGET@CONTAINER will do
  --allow-changes   also start tasks like the service's, and stop them; register a task definition, and
                    deregister it; protect a task for a moment; open Live Tail: costs cents
  --long            also wait out the idle limit: 45 minutes
  --port PORT       a port that something in the container listens on
  --only ID,…       these checks only
  --report NAME     write NAME.md and NAME.json (acceptance-report)
`;

/**
 * @typedef {object} Options
 * @property {string} target
 * @property {boolean} mayChange
 * @property {boolean} mayWait
 * @property {string | undefined} port
 * @property {string} report
 * @property {readonly import('./check.js').Check[]} checks
 */

/**
 * Reads the command line. Nothing runs that could not be reported.
 *
 * @param {readonly string[]} argv
 * @param {readonly import('./check.js').Check[]} all
 * @returns {Options | 'help'}
 * @throws {Error} that says what is wrong
 */
export function readOptions(argv, all) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      target: { type: 'string', default: '' },
      'allow-changes': { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      port: { type: 'string' },
      only: { type: 'string' },
      report: { type: 'string', default: 'acceptance-report' },
      help: { type: 'boolean', default: false },
    },
  });
  const { target, report, port } = values;
  if (values.help) return 'help';
  if (target === '') throw new Error('--target is missing.');
  accessSync(dirname(report), constants.W_OK);
  return {
    target,
    mayChange: values['allow-changes'],
    mayWait: values.long,
    port,
    report,
    checks: values.only === undefined ? all : checksNamed(values.only.split(','), all),
  };
}

/**
 * @param {readonly string[]} ids
 * @param {readonly import('./check.js').Check[]} all
 */
function checksNamed(ids, all) {
  const known = all.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new Error(`There is no check "${unknown[0]}". There are: ${known.join(', ')}.`);
  }
  return all.filter(({ id }) => ids.includes(id));
}
