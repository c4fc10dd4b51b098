import type { App } from '#commands/app.ts';
import { connectedRun } from '#commands/connect/connected-run.ts';
import { withDiagnosis } from '#commands/likely-cause.ts';
import { withTarget } from '#commands/picked-target.ts';
import {
  causeSearch,
  linkOf,
  readyTarget,
  type SessionContext,
  type SessionFlags,
  sessionContext,
} from '#commands/session-context.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { copyIncomplete } from '#copy/copy-errors.ts';
import { type CopyJob, copyJobs } from '#copy/copy-jobs.ts';
import type { CopyResult } from '#copy/copy-session.ts';
import { type CopyPlan, planCopy } from '#copy/copy-sides.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { assertLinux } from '#session/assert-linux.ts';
import type { RelayPlace } from '#shared/relay-messages.ts';
import type { Reporter } from '#ui/reporter.ts';
import { CopyProgress } from './copy-progress.ts';
import { type CopyOutcome, copyProgressLine, reportCopy } from './copy-report.ts';

export interface CpOptions extends SharedOptions, SessionFlags {
  /** Sources, and the destination last. */
  readonly paths: readonly string[];
  readonly recursive?: boolean | undefined;
  /** Keep permissions exactly, and ignore the umask. */
  readonly preserve?: boolean | undefined;
  readonly user?: string | undefined;
  /** False: use its own sessions, even inside `ecsh connect`. */
  readonly share?: boolean | undefined;
  /** Milliseconds; 0 is no limit, as in timeout(1). */
  readonly timeout?: number | undefined;
}

/** The container of the sources or of the destination. */
interface RemoteEnd {
  readonly options: CpOptions & { readonly target: string };
  readonly context: SessionContext;
  readonly target: ReadyTarget;
}

/**
 * Copies one source after the other. One that fails is reported, and the rest are still copied.
 *
 * @returns 0, the greatest status of the failures, or why it was stopped: 128 + n, 124, 141
 */
export async function runCp(app: App, reporter: Reporter, options: CpOptions): Promise<number> {
  const plan = planCopy(options.paths);
  assertUsable(app, options, plan);
  const { recursive: isRecursive = false, preserve: preserves = false } = options;
  const surroundings = { stdin: app.stdin, stdout: app.stdout, copies: await app.copies() };
  const jobs = await copyJobs(surroundings, plan, { isRecursive, preserves });
  const ends = new Map<string | undefined, Promise<RemoteEnd>>();
  const endOf = ({ remote: { target } }: CopyJob) => {
    const end = ends.get(target) ?? openEnd(app, reporter, { ...options, target });
    ends.set(target, end);
    return end;
  };
  const report = failureReport(reporter, jobs.length > 1);
  let worst = 0;
  for (const job of jobs) {
    const { exitCode, failure } = await runJob(app, reporter, options, job, () => endOf(job));
    if (failure !== undefined) report(failure, job);
    else if (exitCode !== 0) return exitCode;
    worst = Math.max(worst, exitCode);
  }
  return worst;
}

/** A failure that several sources have in common, such as a missing service, is reported once. */
function failureReport(reporter: Reporter, areSeveral: boolean) {
  const reported = new Set<string>();
  return (failure: EcshError, { source }: CopyJob) => {
    if (reported.has(failure.message)) return;
    reported.add(failure.message);
    const isNamed = failure.message.startsWith(`${source}:`);
    reporter.failure(failure, areSeveral && !isNamed ? source : undefined);
  };
}

function assertUsable(app: App, { json, recursive }: CpOptions, { to }: CopyPlan): void {
  if (to.kind !== 'stream') return;
  if (json) throw usage('With the destination "-", stdout is the file: --json cannot use it too.');
  if (!recursive || !app.stdout.isTTY) return;
  throw usage('With -r, "-" is a tar archive, which a terminal cannot show.');
}

function usage(message: string): EcshError {
  return new EcshError('usage', message, { hint: 'Examples:  ecsh cp --help' });
}

async function openEnd(
  app: App,
  reporter: Reporter,
  given: CpOptions & { target?: string | undefined },
): Promise<RemoteEnd> {
  const options = await withTarget(app, reporter, given);
  const context = sessionContext(app, reporter, options);
  const target = await readyTarget(context, options);
  assertLinux(target);
  return { options, context, target };
}

async function runJob(
  app: App,
  reporter: Reporter,
  options: CpOptions,
  job: CopyJob,
  openRemote: () => Promise<RemoteEnd>,
): Promise<CopyOutcome> {
  const startedAt = app.clock.now();
  const line = copyProgressLine(app, reporter, options, job);
  const progress = new CopyProgress({
    clock: app.clock,
    source: job.source,
    size: job.size,
    progress: line?.progress,
    width: line?.width ?? (() => 0),
  });
  const outcome = await attempt(app, job, progress, openRemote).finally(() => line?.progress.end());
  const durationMs = app.clock.now() - startedAt;
  const areSeveral = options.paths.length > 2;
  reportCopy({ app, reporter, options, job, areSeveral, progress, outcome, durationMs });
  return outcome;
}

async function attempt(
  app: App,
  job: CopyJob,
  progress: CopyProgress,
  openRemote: () => Promise<RemoteEnd>,
): Promise<CopyOutcome> {
  let target: ReadyTarget | undefined;
  let sessionId: string | undefined;
  try {
    if (job.failure !== undefined) throw job.failure;
    const end = await openRemote();
    ({ target } = end);
    const { exitCode } = await copy(app, end, job, progress, (id) => {
      sessionId = id;
    });
    const { skipped, skippedCount } = progress;
    if (skippedCount > 0) throw copyIncomplete(job.source, skipped, skippedCount);
    return { exitCode, target, sessionId, failure: undefined };
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    return { exitCode: error.exitCode, target, sessionId, failure: error };
  }
}

/** Exactly: what was named has been resolved. */
function placeOf({ task, container, cluster }: ReadyTarget, options: CpOptions): RelayPlace {
  return { ...awsFlags(options), target: task.taskArn, cluster, container: container.name };
}

async function copy(
  app: App,
  { context, target, options }: RemoteEnd,
  job: CopyJob,
  progress: CopyProgress,
  onSession: (id: string | undefined) => void,
): Promise<CopyResult> {
  const { compress, decompress } = await app.copies();
  const { path } = job.remote;
  return withDiagnosis(causeSearch(context, options, target), async () =>
    job.run(
      context.ports,
      {
        ...context,
        copies: { compress, decompress },
        run: options.share === false ? undefined : connectedRun(app, placeOf(target, options)),
        link: await linkOf(context),
        target,
        user: options.user,
        timeoutMs: context.budget.leftMs,
        shownPath: `${job.remote.target ?? options.target}:${path.toWellFormed()}`,
        listener: progress,
        onSession,
      },
      progress.onSize,
    ),
  );
}
