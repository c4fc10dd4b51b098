// @ts-check
/* CPU at the pace that the agent gives itself: a thousand frames of 1 KiB a second. */
import { against, streamed } from '../streaming.js';

const SECONDS = 12;

/** @param {import('../run.js').Surroundings} surroundings */
export function run({ gateway, plugin }) {
  return against(plugin, {
    rounds: 3,
    run: (argv) => streamed(gateway, { kind: 'pace', bytes: SECONDS * 1000 * 1024 }, argv),
    rows: [["CPU of a second at the agent's pace", 1.3, ({ cpu }) => cpu / SECONDS]],
    pluginArguments: gateway.pluginArguments,
  });
}
