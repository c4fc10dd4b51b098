/**
 * How a check ended: `seen` answers a question without a right or wrong; `skip` says why it was not asked.
 *
 * @typedef {'pass' | 'fail' | 'seen' | 'skip'} Outcome
 */

/**
 * @typedef {object} Seen
 * @property {Outcome} outcome
 * @property {string} detail One line.
 */

/**
 * @typedef {object} Check
 * @property {string} id
 * @property {string} title
 * @property {readonly string[]} questions Ids in docs/unverified.md that it answers or helps to answer.
 * @property {(context: import('./context.js').Context) => Promise<Seen>} run
 */

/** @typedef {Omit<Check, 'run'> & Seen & { readonly seconds: number }} Result */

/** @param {string} [detail] @returns {Seen} */
export function pass(detail = '') {
  return { outcome: 'pass', detail };
}

/** @param {string} detail @returns {Seen} */
export function seen(detail) {
  return { outcome: 'seen', detail };
}

/** @param {string} detail @returns {Seen} */
export function skip(detail) {
  return { outcome: 'skip', detail };
}

/**
 * Fails the check unless the two are the same.
 *
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} what
 */
export function same(actual, expected, what) {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`${what}: ${cut(left)}, not ${cut(right)}`);
}

/**
 * The first line that says why a run failed, and its code.
 *
 * @param {string} stderr
 */
export function reasonIn(stderr) {
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.find((line) => /\[[\w-]+\]$/.test(line)) ?? lines.at(-1) ?? 'no reason given';
}

/** @param {string} stderr */
export function codeIn(stderr) {
  return /\[([\w-]+)\]$/.exec(reasonIn(stderr))?.[1];
}

/**
 * Parses the output of a command with `--json`.
 *
 * @param {{ readonly stdout: Buffer, readonly stderr: string }} finished
 */
export function jsonOf({ stdout, stderr }) {
  if (stdout.length === 0) throw new Error(reasonIn(stderr));
  return JSON.parse(stdout.toString());
}

const SHOWN = 200;

/** @param {string | undefined} text */
function cut(text = 'undefined') {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
