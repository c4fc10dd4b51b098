import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckFix, CheckResult, CheckStatus } from '#domain/readiness/readiness-model.ts';
import { riskOf } from './connection-path.ts';
import type { Diagnosis } from './diagnose.ts';
import { nameOf } from './report.ts';

const CREDENTIALS = 'local-region-credentials';

/** Styles for the parts of the report on a terminal; plain text elsewhere. */
export type Paint = (part: 'ready' | 'risk' | 'failure' | 'title', text: string) => string;

export interface TextOptions {
  readonly target: string | undefined;
  /** Also shows notes, passed and skipped checks, and every command. */
  readonly isVerbose: boolean;
  readonly paint: Paint;
  /** Width in columns. */
  readonly width: number;
}

/** Steps of a task that is starting. Before the task exists, they add nothing. */
const START_STEPS: readonly CheckId[] = [
  'container-running',
  'container-runtime-id',
  'exec-agent-status',
];

function withoutStartSteps(
  failures: readonly CheckResult[],
  results: readonly CheckResult[],
): readonly CheckResult[] {
  const isStarting = results.some(
    ({ id, status, retryable }) => id === 'task-status' && status === 'fail' && retryable,
  );
  return isStarting ? failures.filter(({ id }) => !START_STEPS.includes(id)) : failures;
}

/** The report for people: the verdict and its cause, the fix, then everything else worth knowing. */
export function reportText(diagnosis: Diagnosis, options: TextOptions): string {
  const { results, primary } = diagnosis;
  const { isVerbose } = options;
  const lead = primary ?? riskOf(results) ?? untried(diagnosis);
  const others = results.filter((result) => result !== lead);
  const of = (status: CheckStatus) => others.filter((result) => result.status === status);
  const warnings = (isAdvice: boolean) =>
    of('warn').filter((result) => (result.isAdvice ?? false) === isAdvice);
  const blocks = [
    [headline(diagnosis, lead, options), ...leadFix(lead, options)].join('\n'),
    group(
      'Also in the way',
      isVerbose ? of('fail') : withoutStartSteps(of('fail'), results),
      options,
    ),
    group('Warnings', warnings(false), options),
    unknownGroup(of('unknown'), options),
    ...(isVerbose
      ? [
          group('Advice', warnings(true), options),
          group('Notes', of('info'), { ...options, isVerbose: false }),
          group('Passed', of('pass'), options),
          group('Skipped', of('skip'), options),
        ]
      : []),
  ].filter((block) => block !== '');
  // A ready target without warnings takes one line.
  const isShort = diagnosis.isReady && lead === undefined && blocks.length === 1;
  const counts = isVerbose || isShort ? [] : [wrap(tally(others), ['', ''], options.width)];
  return `${[...blocks, ...counts].join('\n\n')}\n`;
}

/** Without a task and without a response from AWS, nothing can be called ready. */
function untried({ subject, results }: Diagnosis): CheckResult | undefined {
  if (subject.task !== undefined) return undefined;
  return results.find(({ id, status }) => id === CREDENTIALS && status === 'unknown');
}

function headline(
  diagnosis: Diagnosis,
  lead: CheckResult | undefined,
  { target, paint, width }: TextOptions,
): string {
  const name = nameOf(diagnosis, target);
  const { isReady } = diagnosis;
  const verdict = isReady ? (lead === undefined ? 'ready' : 'ready, but') : 'not ready';
  const part = isReady ? (lead === undefined ? 'ready' : 'risk') : 'failure';
  const why = lead === undefined ? '' : `: ${lead.message}`;
  const [first = '', ...rest] = wrap(`${name}: ${verdict}${why}`, ['', '  '], width).split('\n');
  // Only the verdict is colored, because long red text is hard to read on a terminal.
  const start = `${name}: ${verdict}`;
  const painted = first.startsWith(start)
    ? `${paint(part, start)}${first.slice(start.length)}`
    : paint(part, first);
  return [painted, ...rest].join('\n');
}

function leadFix(lead: CheckResult | undefined, { width }: TextOptions): readonly string[] {
  if (lead?.fix === undefined) return [];
  return ['', ...fixLines(lead.fix, { indent: '', isWhole: true, width })];
}

function group(title: string, results: readonly CheckResult[], options: TextOptions): string {
  if (results.length === 0) return '';
  const lines = results.flatMap(({ id, message, fix, status }) => [
    wrap(`${id}: ${message}`, ['  ', '    '], options.width),
    ...(fix === undefined || status === 'info'
      ? []
      : fixLines(fix, { indent: '    ', isWhole: options.isVerbose, width: options.width })),
  ]);
  return [options.paint('title', title), ...lines].join('\n');
}

interface FixLayout {
  readonly indent: string;
  /** Show a command of several lines too. */
  readonly isWhole: boolean;
  readonly width: number;
}

/** A multi-line command is shown only with `-v`, or for the main fix. */
function fixLines(
  { summary, command }: CheckFix,
  { indent, isWhole, width }: FixLayout,
): readonly string[] {
  if (command === undefined) return [wrap(summary, [indent, indent], width)];
  const head = summary.replace(/[.:]$/, '');
  if (!isWhole && command.includes('\n')) {
    return [wrap(`${head} (command: -v).`, [indent, indent], width)];
  }
  const lines = command.split('\n').map((line) => `${indent}  ${line}`);
  return [wrap(`${head}:`, [indent, indent], width), ...lines];
}

/** Checks that could not run, grouped by reason: one missing permission can hide several. */
function unknownGroup(results: readonly CheckResult[], { paint, width }: TextOptions): string {
  if (results.length === 0) return '';
  const reasons = [...new Set(results.map(({ message }) => message))];
  const lines = reasons.map((reason) => {
    const ids = results.filter(({ message }) => message === reason).map(({ id }) => id);
    return wrap(`${reason.replace(/\.$/, '')} (${ids.join(', ')})`, ['  ', '    '], width);
  });
  return [paint('title', 'Unknown'), ...lines].join('\n');
}

function isHiddenAdvice({ status, isAdvice }: CheckResult): boolean {
  return status === 'warn' && isAdvice === true;
}

function tally(results: readonly CheckResult[]): string {
  const count = (status: CheckStatus) =>
    results.filter((result) => result.status === status).length;
  const hidden = count('info') + results.filter(isHiddenAdvice).length;
  const notes = hidden === 1 ? '1 note' : `${hidden} notes`;
  return `${count('pass')} checks passed, ${count('skip')} skipped, ${notes} (-v shows them).`;
}

/** Breaks at spaces. A word that is too long stays whole, so that it can be pasted. */
function wrap(
  text: string,
  [first, rest]: readonly [first: string, rest: string],
  width: number,
): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}
