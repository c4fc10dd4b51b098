/*
 * What the runner reads: lines of the log, outputs, annotations, and the step summary.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { headText, STDOUT_LIMIT, SUMMARY_LIMIT, tailText } from './output.mjs';

/** Bytes; GitHub drops a summary of more than a megabyte. */
const WHOLE_SUMMARY_LIMIT = 1_000_000;

/** @returns the greatest status */
export function report(env, runs) {
  const status = Math.max(...runs.map((run) => run.status));
  const stdout = Buffer.concat(runs.map((run) => run.stdout.head));
  const length = runs.reduce((sum, run) => sum + run.stdout.length, 0);
  output(env, 'status', String(status));
  output(env, 'stdout', headText(stdout, STDOUT_LIMIT));
  output(env, 'task', runs.flatMap(({ task }) => task ?? []).join('\n'));
  if (length > STDOUT_LIMIT) {
    say(
      `::warning title=ecsh::The output stdout has the first ${STDOUT_LIMIT} of ${length} bytes.`,
    );
  }
  for (const run of runs.filter((each) => each.status !== 0)) annotate(run);
  summarize(env, runs);
  return status;
}

/** Nothing was run. */
export function fail(env, message, status) {
  output(env, 'status', String(status));
  say(`::error title=ecsh::${escaped(message)}`);
  return status;
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

export function escaped(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The delimiter is unguessable: what the command prints cannot end it. */
function output(env, name, value) {
  if (env.GITHUB_OUTPUT === undefined) return;
  const end = randomUUID();
  appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}

function annotate({ target, why }) {
  say(`::error title=${property(`ecsh exec ${target}`)}::${escaped(why)}`);
}

function property(text) {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function summarize({ GITHUB_STEP_SUMMARY: file }, runs) {
  if (file === undefined) return;
  let length = 0;
  for (const [at, run] of runs.entries()) {
    const part = partOf(run);
    length += Buffer.byteLength(part);
    if (length > WHOLE_SUMMARY_LIMIT) {
      appendFileSync(file, `${runs.length - at} more tasks are in the log.\n`);
      return;
    }
    appendFileSync(file, part);
  }
}

function partOf({ target, status, stdout, stderr }) {
  const rest = status === 0 ? '' : lastOf(stderr);
  return `### \`${target}\`: status ${status}\n\n${firstOf(stdout)}${rest}\n`;
}

function firstOf({ head, length }) {
  const cut = length > SUMMARY_LIMIT ? `, the first ${SUMMARY_LIMIT} bytes` : '';
  return fenced(`stdout${cut}`, headText(head, SUMMARY_LIMIT));
}

/** The reason for a failure comes last. */
function lastOf({ tail, length }) {
  const isWhole = length <= SUMMARY_LIMIT;
  const cut = isWhole ? '' : `, the last ${SUMMARY_LIMIT} bytes`;
  return fenced(`stderr${cut}`, tailText(tail, isWhole));
}

/** The fence is longer than any in the text. */
function fenced(title, text) {
  if (text === '') return '';
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${title}:\n\n${fence}\n${text}\n${fence}\n\n`;
}
