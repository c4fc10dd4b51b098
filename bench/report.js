// @ts-check
/* A result as a line. */

/** @typedef {import('./result.js').Result} Result */

/** @param {Result} result @param {Result} [before] the same row of an earlier run */
export function describe(result, before) {
  const { row, verdict, note, budget } = result;
  const limit = budget.of === 'ratio' ? `<= ${budget.most} x` : `<= ${figure(budget.most)}`;
  const head = `${row.padEnd(46)} ${verdict.padEnd(12)} ${limit.padEnd(9)}`;
  if (note !== undefined) return `${head} ${note}`;
  return `${head} ${measuredText(result)}${changeText(result, before)}`;
}

/** @param {Result} result */
function measuredText({ measured, unit, baseline, ratio }) {
  const text = `${figure(measured)} ${unit}`;
  if (baseline === undefined) return text;
  return `${ratio?.toFixed(2)} x: ${text} to ${figure(baseline.value)} ${unit} (${baseline.name})`;
}

/** By the ratio where there is one: the machine may have been another. @param {Result} result @param {Result} [before] */
function changeText(result, before) {
  const [now, then] = [result.ratio ?? result.measured, before?.ratio ?? before?.measured];
  return now === undefined || then === undefined ? '' : `; was ${figure(then)}, now ${figure(now)}`;
}

/** @param {number | undefined} value */
function figure(value = Number.NaN) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
