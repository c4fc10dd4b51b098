import type { App, AwsPorts } from '#commands/app.ts';
import { progressOf, type stopOnSignal, timeText } from '#commands/enable/follow-rollout.ts';
import { withLikelyCause } from '#commands/likely-cause.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { within } from '#commands/time-limit.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { heldUpByHealth, heldUpText } from '#domain/readiness/failed-health.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { waitForStart } from '#rollout/task-start.ts';
import type { FreshTask } from '#run/fresh-task.ts';
import { startPhase } from '#run/start-phase.ts';
import { hasReachedTtl } from '#run/time-to-live.ts';
import { whyStopped } from '#run/why-stopped.ts';
import { pause } from '#session/pause.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { RunOptions } from './run-options.ts';

/** How often to poll a task that is starting, and one that only waits for its exec agent (ms). */
const LOOK_EVERY_MS = { starting: 500, running: 150 } as const;

/** The user is waiting for the error (ms). */
const LAST_WORDS_LIMIT_MS = 3_000;

/** ECS shows the end of a task this long after the end of its sessions (ms). */
const STOP_SHOWS_MS = 5_000;

export interface Starting {
  readonly aws: AwsPorts;
  readonly options: SharedOptions & Pick<RunOptions, 'ttl' | 'startTimeout'>;
  readonly fresh: FreshTask;
  readonly container: string;
  readonly stop: ReturnType<typeof stopOnSignal>;
}

/**
 * Waits until the command can run, and reports the progress.
 *
 * @throws EcshError `task-not-ready`, `task-timeout` (255), `interrupted` (128 + n)
 */
export async function awaitStart(
  app: App,
  reporter: Reporter,
  { aws, options, fresh, container, stop }: Starting,
): Promise<void> {
  const progress = progressOf(app, reporter, options);
  const ecs = await aws.ecs();
  const reportHeldUp = heldUpNotice(reporter);
  try {
    const { kind, state } = await waitForStart(ecs, {
      clock: app.clock,
      task: fresh.task,
      timeoutMs: options.startTimeout,
      signal: stop.signal,
      everyMs: ({ lastStatus }) =>
        lastStatus === 'RUNNING' ? LOOK_EVERY_MS.running : LOOK_EVERY_MS.starting,
      containerName: container,
      onProgress: (_, task) => {
        reportHeldUp(task);
        const { text, since } = startPhase(task, container);
        progress.update(text, since?.getTime());
      },
    });
    if (kind === 'timeout') {
      throw new EcshError('task-timeout', `The task was not ready in time: ${state}.`, {
        hint: 'ecsh stops it. If it only needs longer, raise --start-timeout.',
      });
    }
    if (kind === 'interrupted') throw interrupted(stop, state);
  } catch (error) {
    const isExplained = error instanceof EcshError && error.code !== 'interrupted';
    throw isExplained
      ? await explainedStart(app, { aws, options, fresh, container }, error)
      : error;
  } finally {
    progress.end();
  }
}

/** Reports once that a health check holds the task up: it may still pass, and until then nothing moves. */
function heldUpNotice(reporter: Reporter): (task: Task) => void {
  let isReported = false;
  return (task) => {
    const heldUp = heldUpByHealth(task);
    if (heldUp === undefined || isReported) return;
    isReported = true;
    reporter.notice(heldUpText(heldUp));
  };
}

export function interrupted({ by }: Starting['stop'], state: string): EcshError {
  return new EcshError('interrupted', `Stopped before the command ran: ${state}.`, {
    hint: 'ecsh has stopped the task.',
    exitCode: signalStatus(by()),
  });
}

/** The error with the reason why the task has stopped, or why its agent does not start. */
export async function explainedStart(
  app: App,
  { aws, options, fresh, container }: Omit<Starting, 'stop'>,
  cause: EcshError,
): Promise<EcshError> {
  const isUnknown = cause.code === 'status-unknown';
  const last = await lastSeen(await aws.ecs(), fresh.task, {
    clock: app.clock,
    limitMs: isUnknown ? STOP_SHOWS_MS : 0,
  });
  if (!isOver(last)) {
    const { code, message } = cause;
    const likely = await likelyCause(app, { aws, options, fresh, container }, cause);
    const hint = [likely, logOfHeldUp(last, { options, fresh })].filter(Boolean).join('\n');
    return new EcshError(code, message, { hint, cause, exitCode: ExitStatus.failure });
  }
  if (hasReachedTtl(last, { container, ttlMs: options.ttl, now: app.clock.now() })) {
    const reached = `The task has reached its --ttl, ${timeText(options.ttl)}, and ended.`;
    return new EcshError(
      isUnknown ? cause.code : 'task-not-ready',
      isUnknown ? `${cause.message} ${reached}` : reached,
      { hint: 'Give the command more time with --ttl.', cause },
    );
  }
  const { reason, hint } = whyStopped(last, container);
  const log = await logOfStopped(app, { aws, options }, last);
  const help = { hint: [hint, log].filter(Boolean).join('\n'), cause };
  if (isUnknown) {
    return new EcshError(cause.code, `${cause.message} The task stopped. ${reason}`, help);
  }
  const message = `The task stopped before the command could run. ${reason}`;
  return new EcshError('task-not-ready', message, help);
}

/** The task as ECS has it now, or once it has stopped within `limitMs`: a session ends before ECS hears why. */
async function lastSeen(
  ecs: Pick<EcsApi, 'describeTasks'>,
  task: Task,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<Task> {
  const limit = clock.now() + limitMs;
  for (let seen = task; ; ) {
    [seen = seen] = await ecs.describeTasks(task.clusterArn, [task.taskArn]);
    if (isOver(seen) || clock.now() >= limit) return seen;
    await pause(clock, LOOK_EVERY_MS.starting);
  }
}

function isOver({ lastStatus, desiredStatus }: Task): boolean {
  return lastStatus === 'STOPPED' || desiredStatus === 'STOPPED';
}

/** The last lines of the task, or their future location; empty if none of its containers has started. */
async function logOfStopped(
  { clock, signals }: App,
  { aws, options }: Pick<Starting, 'aws' | 'options'>,
  task: Task,
): Promise<string> {
  if (task.containers.every(({ exitCode }) => exitCode === undefined)) return '';
  const flags = awsFlags(options);
  const name = `${nameInArn(task.clusterArn)}/${nameInArn(task.taskArn)}`;
  const { lastWords } = await import('#commands/last-lines.ts');
  const looking = lastWords(aws, task, flags).catch(() => undefined);
  const words = await within({ clock, limitMs: LAST_WORDS_LIMIT_MS, signals }, looking);
  return words ?? `Its log:  ${ecshCommand(['logs', name], flags)}`;
}

/** Where to look if a health check holds the task up; empty if none does. */
function logOfHeldUp(task: Task, { options, fresh }: Pick<Starting, 'options' | 'fresh'>): string {
  const heldUp = heldUpByHealth(task);
  if (heldUp === undefined) return '';
  const name = `${nameInArn(fresh.cluster)}/${fresh.id}@${heldUp.unhealthy}`;
  return `Its log:  ${ecshCommand(['logs', name], awsFlags(options))}`;
}

/** The hint of the error, with the cause that the doctor finds for an agent that does not start. */
async function likelyCause(
  { clock, signals }: App,
  { aws, options, fresh: { cluster, id }, container }: Omit<Starting, 'stop'>,
  { message, hint = '' }: EcshError,
): Promise<string> {
  if (!message.includes('exec agent')) return hint;
  const search = {
    aws,
    retryPolicy: { clock },
    signals,
    options: { ...options, container: undefined },
    target: `${nameInArn(cluster)}/${id}@${container}`,
  };
  const found = await withLikelyCause(search, new EcshError('target-not-connected', message));
  // A likely cause also ends with the doctor command, so it is removed from the other hint.
  const own = found.hint === undefined ? hint : hint.replace(/^Find out more:.*\n?/m, '');
  return [own, found.hint ?? ''].filter((line) => line !== '').join('\n');
}
