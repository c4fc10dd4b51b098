// @ts-check
/* One session that streams, and the plugin as the other contender. */
import { TASK } from './api.js';
import { cpuOf, ECSH, peakMemoryOf, start } from './programs.js';
import { compared, inTurns, notMeasured } from './result.js';

/** A command as it is, whose output is the session's: the agent here knows no shell. */
export const RECEIVER = [...ECSH, 'exec', '--no-shell', TASK, '--', 'x'];

/**
 * @typedef {Awaited<ReturnType<typeof streamed>>} Streamed
 */

/**
 * Returns the cost of the program from the start of its session to the last acknowledgement.
 *
 * @param {import('./surroundings.js').Gateway} gateway
 * @param {import('./surroundings.js').Scenario} scenario
 * @param {readonly string[]} argv
 */
export async function streamed(gateway, scenario, argv) {
  gateway.prepare(scenario);
  const child = start(argv, gateway.env);
  const cost = { cpu: 0, quarterCpu: 0, quarterMemory: 0, memory: 0 };
  const stop = gateway.listen(({ what }) => {
    if (what === 'begun') cost.cpu = -cpuOf(child.pid);
    if (what === 'quarter') {
      cost.quarterCpu = cost.cpu + cpuOf(child.pid);
      cost.quarterMemory = peakMemoryOf(child.pid);
    }
    if (what === 'done') {
      cost.cpu += cpuOf(child.pid);
      cost.memory = peakMemoryOf(child.pid);
    }
  });
  const { stderr } = await child.ended;
  stop();
  if (cost.memory === 0) throw new Error(`${argv.join(' ')} did not stream: ${stderr}`);
  const [begun, done] = [await gateway.next('begun'), await gateway.next('done')];
  return { ...cost, milliseconds: done.at - begun.at };
}

/**
 * ecsh and the plugin in turns.
 *
 * @template T
 * @param {string | undefined} plugin
 * @param {object} options
 * @param {number} options.rounds
 * @param {(argv: readonly string[]) => Promise<T>} options.run
 * @param {readonly (readonly [row: string, most: number, of: (run: T) => number])[]} options.rows
 * @param {readonly string[]} options.pluginArguments
 * @param {readonly string[]} [options.ecsh]
 */
export async function against(plugin, { rounds, run, rows, pluginArguments, ecsh = RECEIVER }) {
  if (plugin === undefined) {
    const note = 'needs session-manager-plugin';
    return rows.map(([row, most]) => notMeasured(row, { of: 'ratio', most }, note));
  }
  const runs = await inTurns(
    rounds,
    () => run([plugin, ...pluginArguments]),
    () => run(ecsh),
  );
  return rows.map(([row, most, of]) =>
    compared(row, {
      ours: runs.ours.map(of),
      theirs: runs.theirs.map(of),
      name: 'plugin',
      unit: 'ms',
      most,
    }),
  );
}
