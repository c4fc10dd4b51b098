// @ts-check
/* From the start of the program to the call that starts the session, and to the token on its websocket. */
import { TASK } from '../api.js';
import { ECSH, hasAwsCli, start } from '../programs.js';
import { compared, inTurns, notMeasured } from '../result.js';

const ROUNDS = 9;
const ROWS = { call: 'start to ExecuteCommand', token: 'start to token' };
// The code cache of Node 22 and newer.
const MOST = Number(process.versions.node.split('.')[0]) >= 22 ? 0.3 : 0.4;

/** @param {import('../run.js').Surroundings} surroundings */
export async function run({ gateway, plugin }) {
  if (plugin === undefined || !hasAwsCli()) {
    const budget = /** @type {const} */ ({ of: 'ratio', most: MOST });
    return Object.values(ROWS).map((row) =>
      notMeasured(row, budget, 'needs the AWS CLI and session-manager-plugin'),
    );
  }
  const where = ['--cluster', 'bench', '--task', TASK, '--container', 'app', '--interactive'];
  const runs = await inTurns(
    ROUNDS,
    () => moments(gateway, ['aws', 'ecs', 'execute-command', ...where, '--command', 'true']),
    () => moments(gateway, [...ECSH, 'exec', TASK, '--', 'true']),
  );
  return /** @type {const} */ (['call', 'token']).map((what) =>
    compared(ROWS[what], {
      ours: runs.ours.map((run) => run[what]),
      theirs: runs.theirs.map((run) => run[what]),
      name: 'AWS CLI with plugin',
      unit: 'ms',
      most: MOST,
    }),
  );
}

/** @param {import('../surroundings.js').Gateway} gateway @param {readonly string[]} argv */
async function moments(gateway, argv) {
  gateway.prepare({ kind: 'nothing' });
  const child = start(argv, gateway.env);
  const call = await gateway.next('ExecuteCommand');
  const token = await gateway.next('token');
  await child.ended;
  return { call: call.at - child.begun, token: token.at - child.begun };
}
