import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { SessionStart } from '#commands/session-start.ts';
import { targetRequest } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { assertReady, type ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveAll, targetIdOf } from '#domain/resolve/resolve.ts';
import { selectContainer } from '#domain/resolve/selection.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type BatchResult, statusOf } from '#exec/exec-run-options.ts';
import { inParallel } from '#session/in-parallel.ts';
import { LinePrefixer } from '#ui/line-prefixer.ts';
import type { Reporter } from '#ui/reporter.ts';
import { EndSignals } from './end-signals.ts';
import { captureRun } from './exec-json.ts';
import type { TargetedExec } from './exec-options.ts';
import type { RunOn } from './run-on.ts';

/** As many hexadecimal digits as `ecsh` needs to find the task again, nearly always. */
const ID_LENGTH = 8;

/**
 * Runs the command on every running task.
 *
 * @returns the status of the signal that ended us, or the worst of the statuses, which is the greatest.
 */
export async function runOnAll(
  app: App,
  reporter: Reporter,
  start: SessionStart,
  options: TargetedExec,
  runOn: RunOn,
): Promise<number> {
  const ecs = await start.aws.ecs();
  const request = targetRequest(options, options.target);
  const tasks = await resolveAll(ecs, request);
  const find = (task: Task) => readyTask(start, options, task);
  const runTask = options.json
    ? jsonRun(app, reporter, find)
    : streamedRun(app, reporter, find, options);
  const signals = new EndSignals(app.signals);
  const failFast = new AbortController();
  let worst = 0;
  try {
    const work = inParallel(tasks, options.parallel, async (task) => {
      if (failFast.signal.aborted || signals.first !== undefined) {
        reporter.notice(leftOut(task));
        return;
      }
      let counts = true;
      const exitCode = await runTask(task, async (target, streams) => {
        const result = await runOn(target, { ...streams, abort: failFast.signal, signals });
        counts = !(failFast.signal.aborted && endedAtAbort(result));
        return counts ? result : { ...result, exitCode: result.status ?? result.exitCode };
      });
      if (counts) worst = Math.max(worst, exitCode);
      if (exitCode !== 0 && options.failFast) failFast.abort();
    });
    // What is only being looked at is not waited for.
    await Promise.race([work, signals.unheard]);
  } finally {
    signals.release();
  }
  return signals.first === undefined ? worst : signalStatus(signals.first);
}

/** What the status is then says nothing about the command. */
function endedAtAbort({ wasStopped, exitCode }: BatchResult): boolean {
  return wasStopped && exitCode === signalStatus('SIGTERM');
}

type RunTask = (task: Task, runOn: RunOn) => Promise<number>;

function jsonRun(
  app: App,
  reporter: Reporter,
  find: (task: Task) => Promise<ReadyTarget>,
): RunTask {
  return async (task, runOn) => {
    const report = await captureRun(
      app,
      runOn,
      () => find(task),
      (error) => reporter.failure(error, `task ${shortId(task)}`),
    );
    writeJsonLine(app.stdout, { ...report, task: task.taskArn });
    return report.exitCode;
  };
}

/** Whole lines, so that two tasks never share one. */
function streamedRun(
  app: App,
  reporter: Reporter,
  find: (task: Task) => Promise<ReadyTarget>,
  { prefix }: TargetedExec,
): RunTask {
  return async (task, runOn) => {
    const label = prefix ? `${shortId(task)} | ` : '';
    const stdout = new LinePrefixer(app.stdout, label);
    const stderr = new LinePrefixer(app.stderr, label);
    try {
      const result = await runOn(await find(task), { stdout, stderr });
      const exitCode = statusOf(result);
      if (hasNotBegun(result)) reporter.notice(leftOut(task));
      else if (exitCode !== 0) reporter.notice(`Task ${shortId(task)}: status ${exitCode}.`);
      return exitCode;
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      reporter.failure(error, `task ${shortId(task)}`);
      return error.exitCode;
    } finally {
      stdout.flush();
      stderr.flush();
    }
  };
}

function hasNotBegun({ wasStopped, sessionId, mayHaveBegun }: BatchResult): boolean {
  return wasStopped && sessionId === undefined && !mayHaveBegun;
}

function leftOut(task: Task): string {
  return `Task ${shortId(task)} was left out.`;
}

async function readyTask(
  { aws }: SessionStart,
  options: TargetedExec,
  task: Task,
): Promise<ReadyTarget> {
  const request = targetRequest(options, options.target);
  const container = await selectContainer(await aws.ecs(), task, {
    inTarget: parseTarget(options.target).container,
    option: request.container,
  });
  const cluster = nameInArn(task.clusterArn);
  const targetId = targetIdOf(task, container);
  return assertReady({ task, container, cluster, notices: [], targetId }, request.flags);
}

function shortId(task: Task): string {
  return nameInArn(task.taskArn).slice(0, ID_LENGTH);
}
