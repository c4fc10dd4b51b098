import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { progressOf, stopOnSignal, timeText } from '#commands/enable/follow-rollout.ts';
import { jsonText, writeJsonLine } from '#commands/json-output.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { exitOf } from '#domain/readiness/task-checks.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { isTaskIdPrefix, parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { stopNotes, waitForStop } from '#rollout/task-stop.ts';
import { ageText } from '#ui/age.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';
import { proseWidth, wrapProse } from '#ui/wrap.ts';

export interface StopOptions extends SharedOptions {
  readonly target: string;
  /** Shown by DescribeTasks and in the events of the service. */
  readonly reason: string;
  readonly dryRun?: true | undefined;
  /** False: do not wait. */
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

interface Stopping {
  readonly app: App;
  readonly reporter: Reporter;
  readonly options: StopOptions;
  readonly aws: AwsPorts;
  readonly cluster: string;
  readonly task: Task;
}

/**
 * Stops one task: plan, confirmation, StopTask, and the wait until it has stopped.
 *
 * @returns 0; 1 when the user declined
 * @throws EcshError `task-expected`, `task-timeout` (124), `interrupted` (128 + n), and what `resolveTask` throws
 */
export async function runStop(app: App, reporter: Reporter, options: StopOptions): Promise<number> {
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const request = targetRequest(options, taskTarget(options));
  const { task, cluster } = await resolveTask(await aws.ecs(), request);
  const stopping = { app, reporter, options, aws, cluster, task };
  if (task.lastStatus === 'STOPPED') {
    reporter.notice(`Task ${nameInArn(task.taskArn)} has stopped already${becauseOf(task)}.`);
    return end(stopping, 'unchanged', task);
  }
  const plan = planOf(stopping, await serviceIfAllowed(stopping));
  if (options.dryRun) return showPlan(stopping, plan);
  for (const line of plan) reporter.notice(line);
  const again = ecshCommand(['stop', `${cluster}/${nameInArn(task.taskArn)}`], awsFlags(options));
  if (!(await isConfirmed(app, options, 'Stop this task?', again))) {
    reporter.notice('Nothing was stopped.');
    return 1;
  }
  await (await aws.admin()).stopTask(cluster, task.taskArn, options.reason);
  if (!options.wait) {
    reporter.notice('ECS stops the task.');
    return end(stopping, 'stopping', task);
  }
  return follow(stopping);
}

/** A name that is one of a service is refused: it may have any number of tasks. */
function taskTarget(options: StopOptions): string {
  const target = parseTarget(options.target);
  if (target.kind === 'task') return options.target;
  const { cluster = options.cluster ?? 'default' } = target;
  const flags = awsFlags(options);
  if (target.kind === 'family') throw taskExpected(options, `${cluster}/family:${target.family}`);
  if (target.kind === 'name' && isTaskIdPrefix(target.name)) {
    return `${cluster}/task:${target.name}`;
  }
  const name = `${cluster}/${target.kind === 'service' ? target.service : target.name}`;
  const restart = ecshCommand(['restart', name], flags);
  throw taskExpected(options, name, `\nReplace all tasks of a service:  ${restart}`);
}

function taskExpected(options: StopOptions, place: string, more = ''): EcshError {
  const list = ecshCommand(['ls', 'tasks', place], awsFlags(options));
  return new EcshError('task-expected', `"${options.target}" does not name one task.`, {
    hint: `List the tasks:  ${list}${more}`,
    exitCode: 2,
  });
}

async function serviceIfAllowed({ aws, cluster, task }: Stopping) {
  const name = serviceOf(task);
  if (name === undefined) return undefined;
  try {
    return await (await aws.doctor.ecs()).describeService(cluster, name);
  } catch (error) {
    // Its counts are only for a note.
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}

function planOf({ app, cluster, task }: Stopping, service: ServiceDetails | undefined) {
  const owner = serviceOf(task) ?? `family ${familyOf(task.taskDefinitionArn)}`;
  const names = task.containers.map(({ name }) => name).join(', ');
  return [
    `Task ${nameInArn(task.taskArn)} of ${owner} in cluster ${cluster}:`,
    `  ${task.lastStatus}${task.startedAt === undefined ? '' : ` for ${ageText(task.startedAt, app.clock.now())}`}, task definition ${nameInArn(task.taskDefinitionArn)}${names === '' ? '' : `, containers ${names}`}`,
    ...stopNotes(task, service).map((note) => `  Note: ${note}`),
  ];
}

/** Prints the plan to stdout: it is the requested data. */
function showPlan({ app, options, cluster, task }: Stopping, plan: readonly string[]): number {
  const input = { cluster, task: task.taskArn, reason: options.reason };
  if (options.json) writeJsonLine(app.stdout, { operation: 'StopTask', input });
  else {
    const lines = wrapProse(plainText(plan.join('\n')), proseWidth(app.stdout), '  ');
    app.stdout.write(`${lines}\nStopTask\n${plainText(jsonText(input, undefined, 2))}\n`);
  }
  return 0;
}

async function follow(stopping: Stopping): Promise<number> {
  const { app, reporter, options, aws, cluster, task } = stopping;
  const stop = stopOnSignal(app);
  const progress = progressOf(app, reporter, options);
  try {
    const { kind, task: seen } = await waitForStop(await aws.ecs(), {
      clock: app.clock,
      task,
      timeoutMs: options.timeout,
      signal: stop.signal,
      onProgress: (text) => progress.update(`Task is ${text}`),
    });
    const look = ecshCommand(
      ['describe', `${cluster}/${nameInArn(task.taskArn)}`],
      awsFlags(options),
    );
    const hint = `ECS goes on stopping it. See how it stands:  ${look}`;
    if (kind === 'timeout') {
      const message = `Not stopped after ${timeText(options.timeout)}: the task is ${seen.lastStatus}.`;
      throw new EcshError('task-timeout', message, { hint, exitCode: ExitStatus.timeout });
    }
    if (kind === 'interrupted') {
      const exitCode = signalStatus(stop.by());
      const message = `Stopped watching: the task is ${seen.lastStatus}.`;
      throw new EcshError('interrupted', message, { hint, exitCode });
    }
    progress.end();
    reporter.notice(stoppedText(seen));
    return end(stopping, 'stopped', seen);
  } finally {
    progress.end();
    stop.forget();
  }
}

function stoppedText(task: Task): string {
  const exits = task.containers
    .filter((container) => exitOf(container) !== '')
    .map((container) => `${container.name}${exitOf(container)}`);
  return `Task ${nameInArn(task.taskArn)} has stopped${exits.length === 0 ? '' : `: ${exits.join(', ')}`}.`;
}

function becauseOf({ stoppedReason }: Task): string {
  return stoppedReason === undefined ? '' : `: ${stoppedReason.replace(/\.$/, '')}`;
}

/** Stable, for `--json`. */
type Outcome = 'unchanged' | 'stopping' | 'stopped';

function end({ app, options, cluster }: Stopping, outcome: Outcome, task: Task): number {
  if (!options.json) return 0;
  const { taskArn, stopCode = null, stoppedReason = null, containers } = task;
  writeJsonLine(app.stdout, {
    cluster,
    task: nameInArn(taskArn),
    service: serviceOf(task) ?? null,
    outcome,
    stopCode,
    stoppedReason,
    containers: containers.map(({ name, exitCode = null, reason = null }) => ({
      name,
      exitCode,
      reason,
    })),
  });
  return 0;
}
