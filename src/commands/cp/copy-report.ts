import type { App } from '#commands/app.ts';
import { describeFailure, type FailureReport, writeJsonLine } from '#commands/json-output.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { CopyJob } from '#copy/copy-jobs.ts';
import type { EcshError } from '#domain/errors/errors.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { byteSize } from '#ui/byte-size.ts';
import { createProgress, type Progress } from '#ui/progress.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { CopyProgress } from './copy-progress.ts';

/** How the copy of one source ended. */
export interface CopyOutcome {
  readonly exitCode: number;
  readonly target: ReadyTarget | undefined;
  readonly sessionId: string | undefined;
  readonly failure: EcshError | undefined;
}

/** `cp --json` prints this for each source; the keys are stable. */
interface CopyReport {
  readonly source: string;
  readonly destination: string;
  readonly files: number;
  /** Content only. */
  readonly bytes: number;
  /** Links that lead out of the copy. */
  readonly outsideLinks: number;
  readonly durationMs: number;
  readonly cluster: string | null;
  readonly task: string | null;
  readonly container: string | null;
  readonly sessionId: string | null;
  /** The exit status of ecsh. */
  readonly exitCode: number;
  readonly error: FailureReport | null;
}

export interface FinishedCopy {
  readonly app: App;
  readonly reporter: Reporter;
  readonly options: SharedOptions;
  readonly job: CopyJob;
  /** Name the source: there are others. */
  readonly areSeveral: boolean;
  readonly progress: CopyProgress;
  readonly outcome: CopyOutcome;
  readonly durationMs: number;
}

/** Reports the copied files: as JSON on stdout, or as text on stderr. The caller reports failures as text. */
export function reportCopy(copy: FinishedCopy): void {
  const { app, reporter, options, job, areSeveral, progress, outcome, durationMs } = copy;
  if (options.json) {
    writeJsonLine(app.stdout, reportOf(copy));
    return;
  }
  reportOutsideLinks(reporter, progress);
  if (outcome.exitCode !== 0 || job.destination === '-') return;
  const { files, bytes } = progress;
  const what = files === 1 ? '1 file' : `${files} files`;
  const name = areSeveral ? `${job.source}: ` : '';
  reporter.notice(
    `Copied ${name}${what}, ${byteSize(bytes)}, in ${(durationMs / 1000).toFixed(1)} s.`,
  );
}

const SHOWN_LINKS = 10;

/** They are kept, since many are harmless, but writing to one writes elsewhere. */
function reportOutsideLinks(
  reporter: Reporter,
  { outsideLinks, outsideLinkCount }: CopyProgress,
): void {
  if (outsideLinkCount === 0) return;
  const links = outsideLinkCount === 1 ? 'This link leads' : `These ${outsideLinkCount} links lead`;
  reporter.notice(`${links} out of the copy:`);
  for (const text of outsideLinks.slice(0, SHOWN_LINKS)) reporter.notice(`  ${text}`);
  if (outsideLinkCount > SHOWN_LINKS) reporter.notice('  …');
}

function reportOf({ job, progress, outcome, durationMs }: FinishedCopy): CopyReport {
  const { exitCode, target, sessionId, failure } = outcome;
  // A copy arrives whole or not at all, except for entries that were left out.
  const hasArrived = exitCode === 0 || progress.skippedCount > 0;
  return {
    source: job.source,
    destination: job.destination,
    files: hasArrived ? progress.files : 0,
    bytes: progress.bytes,
    outsideLinks: progress.outsideLinkCount,
    durationMs,
    cluster: target?.cluster ?? null,
    task: target?.task.taskArn ?? null,
    container: target?.container.name ?? null,
    sessionId: sessionId ?? null,
    exitCode,
    error: failure === undefined ? null : describeFailure(failure),
  };
}

export interface CopyProgressLine {
  readonly progress: Progress;
  /** Columns for text beside the elapsed time. */
  readonly width: () => number;
}

/** The elapsed time in front, and a column that stays free. */
const USED_COLUMNS = 7;

/** Undefined if it would not be seen, or would mix with the content. */
export function copyProgressLine(
  { stderr, stdout, clock, env }: App,
  reporter: Reporter,
  { quiet, json }: SharedOptions,
  { destination }: CopyJob,
): CopyProgressLine | undefined {
  const isShared = destination === '-' && stdout.isTTY === true;
  if (!stderr.isTTY || env.TERM === 'dumb' || quiet || json || isShared) return undefined;
  return {
    progress: createProgress({ output: stderr, clock, reporter, isLive: true }),
    width: () => (stderr.columns ?? 80) - USED_COLUMNS,
  };
}
