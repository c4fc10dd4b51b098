import { pass, same, seen, skip } from '../check.js';

/** Checks of the service and of a shell in its container. */

/** @type {readonly import('../check.js').Check[]} */
export const PLACE_CHECKS = [
  {
    id: 'doctor',
    title: 'ecsh doctor finds nothing in the way',
    questions: [],
    async run({ ecsh, target, facts }) {
      const { status, stdout } = await ecsh(['doctor', '--json', target]);
      const report = JSON.parse(stdout.toString());
      facts.cluster = report.cluster;
      facts.container = report.container;
      for (const { id, evidence } of report.checks) {
        if (id === 'launch-type') facts.infrastructure = String(evidence.launchType);
      }
      same(failedIds(report), [], 'failed checks');
      same(status, 0, 'status');
      const unknown = report.checks.filter(
        (/** @type {{ status: string }} */ { status: each }) => each === 'unknown',
      );
      return pass(unknown.length === 0 ? '' : `${unknown.length} checks could not look`);
    },
  },
  {
    id: 'doctor-probe',
    title: 'ecsh doctor --probe opens a session',
    questions: [],
    async run({ ecsh, target }) {
      const { status, stdout } = await ecsh(['doctor', '--probe', '--json', target]);
      same(failedIds(JSON.parse(stdout.toString())), [], 'failed checks');
      same(status, 0, 'status');
      return pass();
    },
  },
  {
    id: 'logging',
    title: 'where sessions are recorded, and with which key',
    questions: [],
    async run({ ecsh, facts }) {
      if (facts.cluster === undefined) return skip('the cluster is not known');
      const { status, stdout } = await ecsh(['logging', 'show', '--json', facts.cluster]);
      same(status, 0, 'status');
      const { effect, executeCommandConfiguration: { kmsKeyId } = {} } = JSON.parse(
        stdout.toString(),
      );
      facts.key = kmsKeyId === undefined ? 'none' : 'a KMS key';
      return seen(`${effect ?? ''} Key: ${facts.key}.`);
    },
  },
];

/** @param {{ checks: readonly { id: string, status: string }[] }} report of `ecsh doctor --json` */
function failedIds({ checks }) {
  return checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
}
