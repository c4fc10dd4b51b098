import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { stopOnSignal } from '#commands/enable/follow-rollout.ts';
import { runExec } from '#commands/exec/run-exec.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { type NotReleased, RunResources } from '#run/fresh-task.ts';
import { splitRevision } from '#run/run-source.ts';
import type { Reporter } from '#ui/reporter.ts';
import { awaitStart, explainedStart, interrupted } from './await-start.ts';
import { assertRunUsable, type RunOptions, type TargetedRun } from './run-options.ts';
import { planRun, type RunPlan, showPlan } from './run-plan.ts';
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

interface Launch {
  readonly aws: AwsPorts;
  readonly options: TargetedRun;
  readonly plan: RunPlan;
  readonly resources: RunResources;
}

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
        `Nothing stops the task if ecsh is killed (${reason}); it ends by itself after --ttl.`,
      ),
  });
  const launch = { aws, options, plan, resources };
  return options.detach ? startDetached(app, reporter, launch) : runAttached(app, reporter, launch);
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
    stop.forget();
    return await runExec(app, reporter, {
      timeoutFrom: app.clock.now(),
      ...options,
      container: undefined,
      defaultContainer: undefined,
      target: `${name}@${container}`,
      // The agent says RUNNING a moment before it is connected (PROTOCOL O-2).
      wait: Math.max(options.wait, AGENT_CONNECTS_MS),
    }).catch(async (error: unknown) => {
      const isOver = error instanceof EcshError && TASK_ENDED.includes(error.code);
      throw isOver ? await explainedStart(app, { aws, options, fresh, container }, error) : error;
    });
  } finally {
    stop.forget();
    // The first signal now has to wait until the task is stopped.
    stop = stopOnSignal(app);
    for (const left of await resources.release()) reportLeft(reporter, options, left);
    stop.forget();
  }
}

/** RunTask, with the revision of `--image` registered for it. */
async function registered(
  reporter: Reporter,
  { options, plan, resources }: Launch,
): Promise<RunTaskRequest> {
  const { request, revision, container } = plan;
  if (revision === undefined) return request;
  const taskDefinition = await resources.register(revision);
  const end = options.detach
    ? `Deregister it afterwards, as "ecsh run --wait" does:  ${deregisterCommand(options, taskDefinition)}`
    : 'It is deregistered at the end.';
  reporter.notice(
    `Registered ${nameInArn(taskDefinition)}, in which container ${container} has image ${options.image}. ${end}`,
  );
  return { ...request, taskDefinition };
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
    for (const left of await resources.release()) reportLeft(reporter, options, left);
    throw error;
  }
}

function reportLeft(reporter: Reporter, options: RunOptions, { leftover, failure }: NotReleased) {
  switch (leftover.kind) {
    case 'task':
      return reporter.failure(taskLeft(options, leftover, failure));
    case 'revision': {
      const revision = nameInArn(leftover.arn);
      return reporter.failure(
        new EcshError(
          'revision-left',
          `Revision ${revision} could not be deregistered: ${failure.message}`,
          { hint: `It costs nothing. Deregister it:  ${deregisterCommand(options, leftover.arn)}` },
        ),
      );
    }
    case 'launch':
      return undefined;
  }
}

function taskLeft(
  options: RunOptions,
  { cluster, task }: NotReleased['leftover'] & { readonly kind: 'task' },
  cause: EcshError,
): EcshError {
  const stop = ecshCommand(['run', '--cleanup', '-C', cluster], awsFlags(options));
  const message = `Task ${cluster}/${task} could not be stopped: ${cause.message}`;
  return new EcshError('task-left-running', message, {
    hint: `It ends by itself after --ttl. Stop it now:  ${stop}`,
    cause,
  });
}

function deregisterCommand(options: RunOptions, arn: string): string {
  const words = ['ecs', 'deregister-task-definition', '--task-definition', nameInArn(arn)];
  return awsCommand(words, awsFlags(options));
}
