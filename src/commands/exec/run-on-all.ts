import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import type { SessionContext } from '#commands/session-context.ts';
import { targetRequest } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { assertReady, type ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { type AllTasks, resolveAll, targetIdOf } from '#domain/resolve/resolve.ts';
import { selectContainer } from '#domain/resolve/selection.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type ExecRunResult, statusOf } from '#exec/exec-run-options.ts';
import { inParallel } from '#session/in-parallel.ts';
import { retry } from '#session/retry.ts';
import { LinePrefixer } from '#ui/line-prefixer.ts';
import type { Reporter } from '#ui/reporter.ts';
import { EndSignals } from './end-signals.ts';
import { captureRun } from './exec-json.ts';
import type { TargetedExec } from './exec-options.ts';
import type { RunOn } from './run-on.ts';

/** As many hexadecimal digits as `ecsh` needs to find the task again, nearly always. */
const ID_LENGTH = 8;

/**
 * Runs the command on every running task. Tasks that it does not run on are reported.
 *
 * @returns the status of the signal that ended us, or the worst of the statuses, which is the greatest.
 * @throws EcshError `no-running-task`, and what `resolveAll` throws
 */
export async function runOnAll(
  app: App,
  reporter: Reporter,
  context: SessionContext,
  options: TargetedExec,
  runOn: RunOn,
): Promise<number> {
  const { running, notRunning } = await findTasks(context, options);
  const find = (task: Task) => readyTask(context, options, task);
  const leaveOut = (task: Task, because?: string) => {
    reporter.notice(leftOut(task, because));
    if (options.json) writeJsonLine(app.stdout, leftOutReport(task, because));
  };
  for (const task of notRunning) leaveOut(task, `it is ${task.lastStatus}`);
  const runTask = options.json
    ? jsonRun(app, reporter, find)
    : streamedRun(app, reporter, find, options);
  const signals = new EndSignals(app.signals);
  const failFast = new AbortController();
  let worst = 0;
  try {
    const work = inParallel(running, options.parallel, async (task) => {
      if (failFast.signal.aborted || signals.first !== undefined) {
        leaveOut(task);
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

/** The status then says nothing about the command. */
function endedAtAbort({ wasStopped, exitCode }: ExecRunResult): boolean {
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

function hasNotBegun({ wasStopped, sessionId, mayHaveBegun }: ExecRunResult): boolean {
  return wasStopped && sessionId === undefined && !mayHaveBegun;
}

function leftOut(task: Task, because?: string): string {
  return `Task ${shortId(task)} was left out${because === undefined ? '' : `: ${because}`}.`;
}

/** The line of a task in which nothing ran: it does not count for our exit status. */
function leftOutReport(task: Task, because?: string) {
  return {
    status: null,
    exitCode: null,
    sessionId: null,
    error: { code: 'task-left-out', message: leftOut(task, because), hint: null },
    stdout: '',
    stderr: '',
    encoding: 'utf8',
    cluster: nameInArn(task.clusterArn),
    task: task.taskArn,
    container: null,
    durationMs: 0,
  };
}

/** With `--wait` until no task is starting any more, or until the time is over. */
function findTasks(context: SessionContext, options: TargetedExec): Promise<AllTasks> {
  return context.budget.spend(searchTasks(context, options));
}

async function searchTasks({ aws, retryPolicy }: SessionContext, options: TargetedExec) {
  const ecs = await aws.ecs();
  const request = targetRequest(options, options.target);
  let found: AllTasks | undefined;
  try {
    return await retry(retryPolicy, async () => {
      found = undefined;
      found = await resolveAll(ecs, request);
      assertNoneStarts(found);
      return found;
    });
  } catch (error) {
    if (found === undefined) throw error;
    return found;
  }
}

/** Before RUNNING in the life of a task. */
const STARTING: readonly string[] = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

function assertNoneStarts({ running, notRunning }: AllTasks): void {
  const starting = notRunning.filter(({ lastStatus }) => STARTING.includes(lastStatus)).length;
  if (starting === 0) return;
  const message = `${starting} of ${running.length + notRunning.length} tasks are still starting.`;
  throw new EcshError('task-left-out', message, { retryable: true });
}

/** The task as it was described, and with `--wait` as it is later, until its agent is ready. */
function readyTask(
  context: SessionContext,
  options: TargetedExec,
  described: Task,
): Promise<ReadyTarget> {
  let latest: Task | undefined = described;
  return retry(context.retryPolicy, async () => {
    const task = latest ?? (await describeAgain(context, described));
    latest = undefined;
    return assertTaskReady(context, options, task);
  });
}

async function describeAgain({ aws }: SessionContext, task: Task): Promise<Task> {
  const ecs = await aws.ecs();
  const [again] = await ecs.describeTasks(task.clusterArn, [task.taskArn]);
  return again ?? task;
}

async function assertTaskReady(
  { aws }: SessionContext,
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
