// @ts-check
/* What ecsh costs before it does anything. */
import { ECSH, NODE, timed } from '../programs.js';
import { compared, inTurns } from '../result.js';

const ROUNDS = 21;

export async function run() {
  const results = [];
  for (const flag of ['--version', '--help']) {
    const times = await inTurns(
      ROUNDS,
      () => timed([NODE, '-e', '0']),
      () => timed([...ECSH, flag]),
    );
    results.push(compared(flag, { ...times, name: 'node -e 0', unit: 'ms', most: 1.25 }));
  }
  return results;
}
