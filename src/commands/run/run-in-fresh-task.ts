import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { stopOnSignal } from '#commands/enable/follow-rollout.ts';
import { EndSignals } from '#commands/exec/end-signals.ts';
import { runExec } from '#commands/exec/run-exec.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { Signals } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { type FreshTask, RunResources } from '#run/fresh-task.ts';
import { splitRevision } from '#run/run-source.ts';
import type { Reporter } from '#ui/reporter.ts';
import { awaitStart, explainedStart, interrupted } from './await-start.ts';
import { type Launch, registered, release } from './launch.ts';
import { assertRunUsable, type RunOptions } from './run-options.ts';
import { runOwnProgram } from './run-own-program.ts';
import { planRun, showPlan } from './run-plan.ts';
import { assertRunnable } from './run-preflight.ts';

/** How long the exec agent of a new task may take to connect (ms). */
const AGENT_CONNECTS_MS = 60_000;

/** Errors of `exec` when the task has ended: between its start and the command, or while the command ran. */
const TASK_ENDED: readonly ErrorCode[] = [
  'task-not-running',
  'container-not-running',
  'invalid-parameter',
  'status-unknown',
];

/**
 * Starts a task for one command, runs the command, and always stops the task.
 *
 * @returns the command's status; 0 after `--detach` and `--dry-run`
 * @throws EcshError `preflight-failed`, `task-not-placed`, `task-not-ready`, `task-timeout`, `interrupted`, and
 *   the errors of `exec`
 */
export async function runInFreshTask(
  app: App,
  reporter: Reporter,
  given: RunOptions,
): Promise<number> {
  const options = assertRunUsable(app, given);
  const aws = awsPorts(app, options, splitRevision(options.target).target, traceAws(reporter));
  const plan = await planRun(app, aws, options);
  if (options.dryRun) return showPlan(app, options, plan);
  await assertRunnable(app, reporter, { aws, options, plan });
  const resources = new RunResources({
    admin: await aws.admin(),
    guard: options.detach ? undefined : aws.guard,
    clock: app.clock,
    onUnguarded: (reason) =>
      reporter.notice(
        `Nothing stops the task if ecsh is killed (${reason}); it ends by itself ${options.shell ? 'after --ttl' : 'with its command'}.`,
      ),
  });
  const launch = { aws, options, plan, resources };
  if (options.detach) return startDetached(app, reporter, launch);
  return options.shell ? runAttached(app, reporter, launch) : runOwnProgram(app, reporter, launch);
}

async function runAttached(app: App, reporter: Reporter, launch: Launch): Promise<number> {
  const { aws, options, plan, resources } = launch;
  const { container } = plan;
  let stop = stopOnSignal(app);
  try {
    const fresh = await resources.start(await registered(reporter, launch));
    const name = `${nameInArn(fresh.cluster)}/${fresh.id}`;
    reporter.notice(`Started task ${name}.`);
    if (stop.signal.aborted) throw interrupted(stop, 'the task had just been requested');
    await awaitStart(app, reporter, { aws, options, fresh, container, stop });
    if (stop.signal.aborted) throw interrupted(stop, 'it was ready');
    // From here on a signal is the command's.
    const signals = new EndSignals(app.signals);
    stop.forget();
    try {
      const work = runCommand(app, reporter, launch, { fresh, signals });
      const status = await Promise.race([work, signals.unheard]);
      return status ?? signalStatus(signals.first ?? 'SIGINT');
    } finally {
      signals.release();
    }
  } finally {
    stop.forget();
    // The first signal now has to wait until the task is stopped.
    stop = stopOnSignal(app);
    await release(reporter, launch);
    stop.forget();
  }
}

/** Runs the command in the task, by exec. */
function runCommand(
  app: App,
  reporter: Reporter,
  { aws, options, plan: { container } }: Launch,
  { fresh, signals }: { readonly fresh: FreshTask; readonly signals: Signals },
): Promise<number> {
  const command = {
    timeoutFrom: app.clock.now(),
    ...options,
    container: undefined,
    defaultContainer: undefined,
    target: `${nameInArn(fresh.cluster)}/${fresh.id}@${container}`,
    typed: { command: 'run', place: placeWords(options) },
    // The agent says RUNNING a moment before it is connected (PROTOCOL O-2).
    wait: Math.max(options.wait, AGENT_CONNECTS_MS),
  } as const;
  return runExec(app, reporter, command, signals).catch(async (error: unknown) => {
    const isOver = error instanceof EcshError && TASK_ENDED.includes(error.code);
    throw isOver ? await explainedStart(app, { aws, options, fresh, container }, error) : error;
  });
}

/** The target of the command, as typed. */
function placeWords({ target, cluster, container }: Launch['options']): readonly string[] {
  return [
    ...(container === undefined ? [] : ['-c', container]),
    ...(cluster === undefined || target.includes('/') ? [] : ['-C', cluster]),
    target,
  ];
}

async function startDetached(app: App, reporter: Reporter, launch: Launch): Promise<number> {
  const { options, resources } = launch;
  try {
    const fresh = await resources.start(await registered(reporter, launch));
    const name = `${nameInArn(fresh.cluster)}/${fresh.id}`;
    if (options.json) writeJsonLine(app.stdout, { task: name });
    else app.stdout.write(`${name}\n`);
    const wait = ecshCommand(['run', '--wait', name], awsFlags(options));
    reporter.notice(`Its log, and its exit status at the end:  ${wait}`);
    return 0;
  } catch (error) {
    await release(reporter, launch);
    throw error;
  }
}
