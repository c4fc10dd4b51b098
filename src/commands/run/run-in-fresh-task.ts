import { randomUUID } from 'node:crypto';
import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { progressOf, stopOnSignal } from '#commands/enable/follow-rollout.ts';
import type { ExecOptions } from '#commands/exec/exec-options.ts';
import { runExec } from '#commands/exec/run-exec.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags, awsPorts } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { withoutValues } from '#rollout/task-clone.ts';
import { waitForStart } from '#rollout/task-start.ts';
import { type FreshTask, startFreshTask, stopFreshTask } from '#run/fresh-task.ts';
import { holdCommand, runContainer, runTaskRequest } from '#run/run-request.ts';
import { findRunSource, type RunSource } from '#run/run-source.ts';
import { whyStopped } from '#run/why-stopped.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface RunOptions extends ExecOptions {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly taskRole?: string | undefined;
  readonly like?: string | undefined;
  readonly subnet: readonly string[];
  readonly securityGroup: readonly string[];
  readonly publicIp?: boolean | undefined;
  /** How long the task lives at most (ms). */
  readonly ttl: number;
  /** How long to wait until the command can run (ms). */
  readonly startTimeout: number;
  readonly detach?: true | undefined;
  readonly dryRun?: true | undefined;
}

type TargetedRun = RunOptions & { readonly target: string };

/**
 * Starts a task for one command, runs it, and stops the task, whatever happens.
 *
 * @returns the command's status; 0 after `--detach` and `--dry-run`
 * @throws EcshError `task-not-placed`, `task-not-ready`, `task-timeout`, `interrupted`, and what
 *   `exec` throws
 */
export async function runInFreshTask(
  app: App,
  reporter: Reporter,
  given: RunOptions,
): Promise<number> {
  const options = assertUsable(given);
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const source = await findRunSource(await aws.doctor.ecs(), {
    target: options.target,
    cluster: options.cluster,
    like: options.like,
    subnets: options.subnet,
    securityGroups: options.securityGroup,
    publicIp: options.publicIp,
  });
  const container = runContainer(source, options.container ?? options.defaultContainer);
  const request = requestOf(source, container, options);
  if (options.dryRun) return showRequest(app, options, request);
  const admin = await aws.admin();
  const fresh = await startFreshTask(admin, request);
  const { cluster, id } = fresh;
  const name = `${cluster}/${id}`;
  if (options.detach) return detached(app, reporter, options, name);
  reporter.notice(`Started task ${name}.`);
  const unwatch = aws.guard?.watch(`task:${name}`, (reason) => {
    reporter.notice(
      `Nothing stops the task if ecsh is killed (${reason}); it ends by itself after --ttl.`,
    );
  });
  try {
    await untilReady(app, reporter, { aws, options, fresh, container });
    return await runExec(app, reporter, {
      timeoutFrom: app.clock.now(),
      ...options,
      container: undefined,
      defaultContainer: undefined,
      target: `${name}@${container}`,
      // The agent says RUNNING a moment before it is connected (PROTOCOL O-2).
      wait: Math.max(options.wait, AGENT_CONNECTS_MS),
    });
  } finally {
    const failure = await stopFreshTask(admin, fresh, app.clock);
    if (failure === undefined) unwatch?.();
    else tellLeft(reporter, options, name, failure);
  }
}

/** DescribeTasks allows many more calls than this while somebody waits for a start (ms). */
const LOOK_EVERY_MS = 300;
/** How long the exec agent of a new task may take to connect (ms). */
const AGENT_CONNECTS_MS = 60_000;

function assertUsable(options: RunOptions): TargetedRun {
  const usage = (message: string, hint: string) => new EcshError('usage', message, { hint });
  const { target, detach, timeout, ttl, all, pick } = options;
  if (target === undefined) {
    throw usage(
      'ecsh run needs a service or family:NAME.',
      'For example:  ecsh run prod/web -- ./manage.py migrate',
    );
  }
  if (all || pick)
    throw usage('ecsh run starts one task of its own.', 'Leave out --all and --pick.');
  if (detach && options.command.length === 0) {
    throw usage(
      '--detach needs a command.',
      'For example:  ecsh run --detach prod/web -- ./manage.py migrate',
    );
  }
  if (detach && (options.interactive || options.tty)) {
    throw usage('--detach has no stdin and no terminal.', 'Leave out -i and -t.');
  }
  if (timeout !== undefined && timeout > ttl) {
    throw usage('--timeout is longer than the task lives.', 'Raise --ttl.');
  }
  return { ...options, target };
}

function requestOf(source: RunSource, container: string, options: RunOptions): RunTaskRequest {
  const { cpu, memory, taskRole, ttl, detach } = options;
  return runTaskRequest({
    source,
    container,
    command: detach ? options.command : holdCommand(Math.ceil(ttl / 1_000)),
    overrides: { cpu, memory, taskRole, environment: {} },
    clientToken: randomUUID(),
  });
}

function showRequest(app: App, { json }: RunOptions, request: RunTaskRequest): number {
  const input = withoutValues(request);
  if (json) writeJsonLine(app.stdout, { operation: 'RunTask', input });
  else app.stdout.write(`RunTask\n${JSON.stringify(input, undefined, 2)}\n`);
  return 0;
}

function detached(app: App, reporter: Reporter, options: RunOptions, name: string): number {
  if (options.json) writeJsonLine(app.stdout, { task: name });
  else app.stdout.write(`${name}\n`);
  const wait = ecshCommand(['logs', '-f', '--exit-status', name], awsFlags(options));
  reporter.notice(`Its log, and its exit status at the end:  ${wait}`);
  return 0;
}

interface Starting {
  readonly aws: AwsPorts;
  readonly options: RunOptions;
  readonly fresh: FreshTask;
  readonly container: string;
}

/** @throws EcshError `task-not-ready`, `task-timeout` (124), `interrupted` (128 + n) */
async function untilReady(
  app: App,
  reporter: Reporter,
  { aws, options, fresh, container }: Starting,
): Promise<void> {
  const stop = stopOnSignal(app);
  const progress = progressOf(app, reporter, options);
  const ecs = await aws.ecs();
  try {
    const { kind, state } = await waitForStart(ecs, {
      clock: app.clock,
      task: fresh.task,
      timeoutMs: options.startTimeout,
      signal: stop.signal,
      everyMs: LOOK_EVERY_MS,
      onProgress: (text) => progress.update(text),
    });
    if (kind === 'timeout') {
      throw new EcshError('task-timeout', `The task was not ready in time: ${state}.`, {
        hint: 'It is being stopped. Raise --start-timeout, or find the cause with  ecsh doctor',
      });
    }
    if (kind === 'interrupted') {
      throw new EcshError('interrupted', `Stopped before the command ran: ${state}.`, {
        exitCode: signalStatus(stop.by()),
      });
    }
  } catch (error) {
    if (!(error instanceof EcshError) || error.code !== 'task-not-ready') throw error;
    throw await explained(aws, fresh, container, error);
  } finally {
    progress.end();
    stop.forget();
  }
}

async function explained(
  aws: AwsPorts,
  { task }: FreshTask,
  container: string,
  cause: EcshError,
): Promise<EcshError> {
  const [last = task] = await (await aws.ecs()).describeTasks(task.clusterArn, [task.taskArn]);
  if (last.lastStatus !== 'STOPPED') return cause;
  const { message, hint } = whyStopped(last, container);
  const logs = ecshCommand(['logs', `${nameInArn(task.clusterArn)}/${nameInArn(task.taskArn)}`]);
  return new EcshError('task-not-ready', message, { hint: `${hint}\nIts log:  ${logs}`, cause });
}

function tellLeft(reporter: Reporter, options: RunOptions, name: string, failure: EcshError): void {
  const [cluster = ''] = name.split('/');
  reporter.failure(
    new EcshError('task-left-running', `Task ${name} could not be stopped: ${failure.message}`, {
      hint: `It ends by itself after --ttl. Stop it now:  ${ecshCommand(['run', '--cleanup', '-C', cluster], awsFlags(options))}`,
      cause: failure,
    }),
  );
}
