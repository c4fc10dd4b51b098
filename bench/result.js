// @ts-check
/* What a row comes to: figures, a budget, a verdict. */

/**
 * @typedef {object} Result
 * @property {string} row
 * @property {string} unit of both values
 * @property {number} [measured]
 * @property {{ name: string, value: number }} [baseline]
 * @property {number} [ratio] measured to baseline
 * @property {{ of: 'ratio' | 'measured', most: number }} budget
 * @property {'met' | 'missed' | 'not measured'} verdict
 * @property {string} [note] why there is no figure
 */

/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 0.5);
}

/** @param {readonly number[]} values @param {number} share */
export function percentile(values, share) {
  const index = Math.min(values.length - 1, Math.floor(values.length * share));
  return [...values].sort((a, b) => a - b)[index] ?? Number.NaN;
}

/**
 * Measures two contenders in turns, so that whatever else the machine does meets both.
 *
 * @template T
 * @param {number} rounds
 * @param {() => Promise<T>} baseline
 * @param {() => Promise<T>} contender
 */
export async function inTurns(rounds, baseline, contender) {
  const results = { theirs: /** @type {T[]} */ ([]), ours: /** @type {T[]} */ ([]) };
  for (let round = 0; round < rounds; round += 1) {
    results.theirs.push(await baseline());
    results.ours.push(await contender());
  }
  return results;
}

/**
 * @param {string} row
 * @param {{ ours: readonly number[], theirs: readonly number[], name: string, unit: string, most: number }} figures
 *   `name` is the baseline's; `most` is what the ratio of the medians may be
 * @returns {Result}
 */
export function compared(row, { ours, theirs, name, unit, most }) {
  const measured = median(ours);
  const value = median(theirs);
  const ratio = measured / value;
  return {
    row,
    unit,
    measured,
    baseline: { name, value },
    ratio,
    budget: { of: 'ratio', most },
    verdict: ratio <= most ? 'met' : 'missed',
  };
}

/**
 * @param {string} row
 * @param {{ measured: number, unit: string, most: number, baseline?: { name: string, value: number } }} figures
 *   the baseline is for comparison only
 * @returns {Result}
 */
export function absolute(row, { measured, unit, most, baseline }) {
  return {
    row,
    unit,
    measured,
    ...(baseline && { baseline, ratio: measured / baseline.value }),
    budget: { of: 'measured', most },
    verdict: measured <= most ? 'met' : 'missed',
  };
}

/** @param {string} row @param {Result['budget']} budget @param {string} note @returns {Result} */
export function notMeasured(row, budget, note) {
  return { row, unit: '', budget, verdict: 'not measured', note };
}
