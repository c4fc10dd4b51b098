import { jsonOf, pass, reasonIn, same, seen, skip } from '../check.js';

/** Checks of the service and of a shell in its container. */

/** @type {readonly import('../check.js').Check[]} */
export const PLACE_CHECKS = [
  {
    id: 'doctor',
    title: 'ecsh doctor finds nothing in the way',
    questions: [],
    async run({ ecsh, target, facts }) {
      const { status, ...output } = await ecsh(['doctor', '--json', target]);
      const report = jsonOf(output);
      const region = report.task?.split(':')[3];
      const place = { region, cluster: report.cluster, container: report.container };
      for (const [name, value] of Object.entries(place)) if (value) facts[name] = value;
      for (const { id, evidence } of report.checks) {
        if (id === 'launch-type') facts.infrastructure = String(evidence.launchType);
      }
      assertNoneFailed(report);
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
      const { status, ...output } = await ecsh(['doctor', '--probe', '--json', target]);
      assertNoneFailed(jsonOf(output));
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
      const { status, ...output } = await ecsh(['logging', 'show', '--json', facts.cluster]);
      if (status !== 0) throw new Error(reasonIn(output.stderr));
      const { effect, executeCommandConfiguration: { kmsKeyId } = {} } = jsonOf(output);
      facts.key = kmsKeyId === undefined ? 'none' : 'a KMS key';
      return seen(`${effect ?? ''} Key: ${facts.key}.`);
    },
  },
];

/** @param {{ checks: readonly { id: string, status: string }[] }} report of `ecsh doctor --json` */
function assertNoneFailed({ checks }) {
  const ids = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  if (ids.length > 0) throw new Error(`failed: ${ids.join(', ')}`);
}
