// @ts-check
/* Input over a long way: 10 MiB, each message acknowledged after 80 ms. */
import { fileURLToPath } from 'node:url';
import { NODE, start } from '../programs.js';
import { against } from '../streaming.js';

const BYTES = 10 * 1024 * 1024;
// Letters only: neither the plugin nor a terminal finds anything to do in them.
const INPUT = Buffer.alloc(BYTES, 'x');
const SHELL = fileURLToPath(new URL('../clients/shell.js', import.meta.url));

/** @param {import('../run.js').Surroundings} surroundings */
export function run({ gateway, plugin }) {
  return against(plugin, {
    rounds: 1,
    run: (argv) => upload(gateway, argv),
    rows: [['upload of 10 MiB at 80 ms', 0.1, (milliseconds) => milliseconds]],
    pluginArguments: gateway.pluginArguments,
    ecsh: [NODE, SHELL],
  });
}

/** @param {import('../surroundings.js').Gateway} gateway @param {readonly string[]} argv */
async function upload(gateway, argv) {
  gateway.prepare({ kind: 'take', bytes: BYTES, roundTrip: 80 });
  const child = start(argv, gateway.env);
  const begun = await gateway.next('begun');
  child.stdin?.write(INPUT);
  const done = await gateway.next('done');
  await child.ended;
  return done.at - begun.at;
}
