// @ts-check
/* Output as fast as it is taken: frames of 1 KiB over TLS, 64 of them unacknowledged. */
import { against, streamed } from '../streaming.js';

const BYTES = 128 * 1024 * 1024;
const MEGABYTES = BYTES / 1e6;

/** @param {import('../run.js').Surroundings} surroundings */
export function run({ gateway, plugin }) {
  return against(plugin, {
    rounds: 5,
    run: (argv) => streamed(gateway, { kind: 'flood', bytes: BYTES }, argv),
    rows: [
      ['receive: time of a MB', 0.5, ({ milliseconds }) => milliseconds / MEGABYTES],
      ['receive: CPU of a MB', 0.55, ({ cpu }) => cpu / MEGABYTES],
    ],
    pluginArguments: gateway.pluginArguments,
  });
}
