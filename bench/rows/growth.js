// @ts-check
/* Costs that grow with something: with the fleet not at all, with sessions by the same for each. */
import { fileURLToPath } from 'node:url';
import { TASK } from '../api.js';
import { ECSH, NODE, start } from '../programs.js';
import { compared, inTurns, median } from '../result.js';

const SESSIONS = fileURLToPath(new URL('../clients/sessions.js', import.meta.url));
const BYTES_A_SESSION = 2 * 1024 * 1024;

/** @param {import('../run.js').Surroundings} surroundings */
export async function run({ gateway }) {
  return [await fleet(gateway), await sessions(gateway)];
}

/** @param {import('../surroundings.js').Gateway} gateway */
async function fleet(gateway) {
  const started = async (/** @type {number} */ tasks) => {
    gateway.prepare({ kind: 'nothing', tasks });
    const child = start([...ECSH, 'exec', TASK, '--', 'true'], gateway.env);
    const call = await gateway.next('ExecuteCommand');
    await child.ended;
    return call.at - child.begun;
  };
  const times = await inTurns(
    5,
    () => started(1),
    () => started(10_000),
  );
  const row = 'growth: start among 10,000 tasks, by ARN';
  return compared(row, { ...times, name: 'one task', unit: 'ms', most: 1.1 });
}

/** @param {import('../surroundings.js').Gateway} gateway */
async function sessions(gateway) {
  const cost = async (/** @type {number} */ count) => {
    gateway.prepare({ kind: 'flood', bytes: BYTES_A_SESSION });
    const { stderr } = await start([NODE, SESSIONS, `${count}`], gateway.env).ended;
    return Number(stderr);
  };
  const few = [];
  const many = [];
  for (let round = 0; round < 3; round += 1) {
    const [one, ten, fifty] = [await cost(1), await cost(10), await cost(50)];
    few.push((ten - one) / 9);
    many.push((fifty - ten) / 40);
  }
  return compared('growth: CPU of a session, the 11th to the 50th', {
    ours: [median(many)],
    theirs: [median(few)],
    name: 'the 2nd to the 10th',
    unit: 'ms',
    most: 1.25,
  });
}
