import type { App } from '#commands/app.ts';
import { describeFailure, type FailureReport, writeJsonLine } from '#commands/json-output.ts';
import { tellingCause } from '#commands/likely-cause.ts';
import { withTarget } from '#commands/picked-target.ts';
import {
  causeSearch,
  linkOf,
  readyTarget,
  type SessionOptions,
  type SessionStart,
  startSession,
} from '#commands/session-start.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { copyIncomplete } from '#copy/copy-errors.ts';
import type { CopyResult } from '#copy/copy-session.ts';
import { type CopyPlan, planCopy } from '#copy/copy-sides.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { byteSize } from '#ui/byte-size.ts';
import { createProgress, type Progress } from '#ui/progress.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type CopyJob, copyJobs } from './jobs.ts';
import { Tally } from './tally.ts';

export interface CpOptions extends SharedOptions, SessionOptions {
  /** Sources, and the destination last. */
  readonly paths: readonly string[];
  readonly recursive?: boolean | undefined;
  readonly user?: string | undefined;
  /** Milliseconds; 0 is no limit, as in timeout(1). */
  readonly timeout?: number | undefined;
}

/** What `cp --json` prints for each source; keys are stable. */
interface CopyReport {
  readonly source: string;
  readonly destination: string;
  readonly files: number;
  /** Of the contents. */
  readonly bytes: number;
  readonly durationMs: number;
  readonly cluster: string | null;
  readonly task: string | null;
  readonly container: string | null;
  readonly sessionId: string | null;
  /** What ecsh exits with. */
  readonly exitCode: number;
  readonly error: FailureReport | null;
}

/** A container that sources come from or go to. */
interface Place {
  readonly options: CpOptions & { readonly target: string };
  readonly start: SessionStart;
  readonly target: ReadyTarget;
}

/**
 * Copies one source after the other; one that fails is told, and keeps none from being copied.
 *
 * @returns 0, the greatest status of what failed, or why it was stopped: 128 + n, 124, 141
 */
export async function runCp(app: App, reporter: Reporter, options: CpOptions): Promise<number> {
  const plan = planCopy(options.paths);
  assertUsable(app, options, plan);
  const copies = await app.copies();
  const jobs = await copyJobs(app, copies, plan, options.recursive ?? false);
  const places = new Map<string | undefined, Promise<Place>>();
  const placeOf = ({ remote: { target } }: CopyJob) => {
    const place = places.get(target) ?? openPlace(app, reporter, { ...options, target });
    places.set(target, place);
    return place;
  };
  const tell = failureTeller(reporter, jobs.length > 1);
  let worst = 0;
  for (const job of jobs) {
    const { exitCode, failure } = await runJob(app, reporter, options, job, () => placeOf(job));
    if (failure !== undefined) tell(failure, job);
    else if (exitCode !== 0) return exitCode;
    worst = Math.max(worst, exitCode);
  }
  return worst;
}

/** What several sources fail with alike, such as a target that is not there, is told once. */
function failureTeller(reporter: Reporter, areSeveral: boolean) {
  const told = new Set<string>();
  return (failure: EcshError, { source }: CopyJob) => {
    if (told.has(failure.message)) return;
    told.add(failure.message);
    reporter.failure(failure, areSeveral ? source : undefined);
  };
}

function assertUsable(app: App, { json, recursive }: CpOptions, { to }: CopyPlan): void {
  if (to.kind !== 'stream') return;
  if (json) throw usage('--json and the content of the file cannot share stdout.');
  if (!recursive || !app.stdout.isTTY) return;
  throw usage('With -r, "-" is a tar archive, which a terminal cannot show.');
}

function usage(message: string): EcshError {
  return new EcshError('usage', message, { hint: 'Examples:  ecsh cp --help' });
}

async function openPlace(
  app: App,
  reporter: Reporter,
  given: CpOptions & { target?: string | undefined },
): Promise<Place> {
  const options = await withTarget(app, reporter, given);
  const start = startSession(app, reporter, options);
  const target = await readyTarget(start, options);
  assertLinux(target);
  return { options, start, target };
}

async function runJob(
  app: App,
  reporter: Reporter,
  options: CpOptions,
  job: CopyJob,
  findPlace: () => Promise<Place>,
): Promise<Outcome> {
  const startedAt = app.clock.now();
  const { source, destination } = job;
  const progress = progressOf(app, reporter, options, job);
  const tally = new Tally({ clock: app.clock, source, size: job.size, progress });
  const outcome = await attempt(app, job, tally, findPlace).finally(() => progress?.end());
  const durationMs = app.clock.now() - startedAt;
  if (options.json) writeJsonLine(app.stdout, reportOf(job, tally, outcome, durationMs));
  else if (outcome.exitCode === 0 && destination !== '-') {
    reporter.notice(summary(tally, durationMs));
  }
  return outcome;
}

interface Outcome {
  readonly exitCode: number;
  readonly target: ReadyTarget | undefined;
  readonly sessionId: string | undefined;
  readonly failure: EcshError | undefined;
}

async function attempt(
  app: App,
  job: CopyJob,
  tally: Tally,
  findPlace: () => Promise<Place>,
): Promise<Outcome> {
  let target: ReadyTarget | undefined;
  let sessionId: string | undefined;
  try {
    if (job.failure !== undefined) throw job.failure;
    const place = await findPlace();
    ({ target } = place);
    const { exitCode } = await copy(app, place, job, tally, (id) => {
      sessionId = id;
    });
    if (tally.skipped.length > 0) throw copyIncomplete(job.source, tally.skipped);
    return { exitCode, target, sessionId, failure: undefined };
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    return { exitCode: error.exitCode, target, sessionId, failure: error };
  }
}

function reportOf(
  { source, destination }: CopyJob,
  { files, bytes, skipped }: Tally,
  { exitCode, target, sessionId, failure }: Outcome,
  durationMs: number,
): CopyReport {
  // Whole or not at all, but for what was left out and told.
  const hasArrived = exitCode === 0 || skipped.length > 0;
  return {
    source,
    destination,
    files: hasArrived ? files : 0,
    bytes,
    durationMs,
    cluster: target?.cluster ?? null,
    task: target?.task.taskArn ?? null,
    container: target?.container.name ?? null,
    sessionId: sessionId ?? null,
    exitCode,
    error: failure === undefined ? null : describeFailure(failure),
  };
}

async function copy(
  app: App,
  place: Place,
  job: CopyJob,
  tally: Tally,
  onSession: (id: string | undefined) => void,
): Promise<CopyResult> {
  const { start, target, options } = place;
  const { compress, decompress } = await app.copies();
  return tellingCause(causeSearch(start, options, target), async () =>
    job.run(
      start.ports,
      {
        ...start,
        copies: { compress, decompress },
        link: await linkOf(start),
        target,
        user: options.user,
        timeoutMs: options.timeout === 0 ? undefined : options.timeout,
        shownPath:
          job.remote.target === undefined
            ? `${options.target}:${job.remote.path}`
            : `${job.remote.target}:${job.remote.path}`,
        listener: tally,
        onSession,
      },
      tally.onSize,
    ),
  );
}

/** Undefined where nobody would see it, or where it would stand in between what arrives. */
function progressOf(
  { stderr, stdout, clock, env }: App,
  reporter: Reporter,
  { quiet, json }: CpOptions,
  { destination }: CopyJob,
): Progress | undefined {
  const isShared = destination === '-' && stdout.isTTY === true;
  if (!stderr.isTTY || env.TERM === 'dumb' || quiet || json || isShared) return undefined;
  return createProgress({ output: stderr, clock, reporter, isLive: true });
}

function summary({ files, bytes }: Tally, durationMs: number): string {
  const what = files === 1 ? '1 file' : `${files} files`;
  return `Copied ${what}, ${byteSize(bytes)}, in ${(durationMs / 1000).toFixed(1)} s.`;
}
