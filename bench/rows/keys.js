// @ts-check
/* A terminal session as it feels: a key on its way to the wire, and a paste. On a real pty. */
import { TASK } from '../api.js';
import { ECSH, now } from '../programs.js';
import { absolute, compared, inTurns, notMeasured, percentile } from '../result.js';

const KEYS = 500;
const PASTE = 'the quick brown fox jumps over it'.repeat(3030);
const ROWS = { p50: 'key to frame, p50', p99: 'key to frame, p99', paste: 'paste of 100 KB' };

/** @param {import('../run.js').Surroundings} surroundings */
export async function run({ gateway, plugin }) {
  const pty = await import('@lydell/node-pty').catch(() => undefined);
  if (pty === undefined) {
    const budget = /** @type {const} */ ({ of: 'measured', most: 0 });
    return Object.values(ROWS).map((row) => notMeasured(row, budget, 'needs the optional pty'));
  }
  /** @param {readonly string[]} argv */
  const terminal = (argv) => {
    const [file = '', ...args] = argv;
    return pty.spawn(file, args, { env: gateway.env, cols: 80, rows: 24 });
  };
  const shell = [...ECSH, 'shell', TASK];
  const latencies = await keys(gateway, () => terminal(shell));
  const results = [
    absolute(ROWS.p50, { measured: percentile(latencies, 0.5), unit: 'ms', most: 0.5 }),
    absolute(ROWS.p99, { measured: percentile(latencies, 0.99), unit: 'ms', most: 3 }),
  ];
  if (plugin === undefined) {
    const budget = /** @type {const} */ ({ of: 'ratio', most: 0.3 });
    return [...results, notMeasured(ROWS.paste, budget, 'needs session-manager-plugin')];
  }
  const times = await inTurns(
    3,
    () => paste(gateway, () => terminal([plugin, ...gateway.pluginArguments])),
    () => paste(gateway, () => terminal(shell)),
  );
  return [...results, compared(ROWS.paste, { ...times, name: 'plugin', unit: 'ms', most: 0.3 })];
}

/**
 * @param {import('../surroundings.js').Gateway} gateway
 * @param {() => import('@lydell/node-pty').IPty} open
 */
async function keys(gateway, open) {
  gateway.prepare({ kind: 'take', bytes: KEYS });
  const terminal = open();
  await gateway.next('begun');
  const latencies = [];
  for (let key = 0; key < KEYS; key += 1) {
    // Apart from each other, as keys are: each finds an idle program.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const typed = now();
    terminal.write('k');
    latencies.push((await gateway.coming('input')).at - typed);
  }
  await ended(terminal);
  return latencies;
}

/**
 * @param {import('../surroundings.js').Gateway} gateway
 * @param {() => import('@lydell/node-pty').IPty} open
 */
async function paste(gateway, open) {
  gateway.prepare({ kind: 'take', bytes: PASTE.length });
  const terminal = open();
  await gateway.next('begun');
  const pasted = now();
  terminal.write(PASTE);
  const done = await gateway.next('done');
  await ended(terminal);
  return done.at - pasted;
}

/** @param {import('@lydell/node-pty').IPty} terminal */
function ended(terminal) {
  return new Promise((resolve) => terminal.onExit(resolve));
}
