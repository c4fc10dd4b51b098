import type { App, AwsPorts } from '#commands/app.ts';
import { progressOf, type stopOnSignal } from '#commands/enable/follow-rollout.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { waitForStart } from '#rollout/task-start.ts';
import type { FreshTask } from '#run/fresh-task.ts';
import { whyStopped } from '#run/why-stopped.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { RunOptions } from './run-options.ts';

/** DescribeTasks allows many more calls than this while somebody waits for a start (ms). */
const LOOK_EVERY_MS = 300;

export interface Starting {
  readonly aws: AwsPorts;
  readonly options: RunOptions;
  readonly fresh: FreshTask;
  readonly container: string;
  readonly stop: ReturnType<typeof stopOnSignal>;
}

/**
 * Waits until the command can run, and reports the progress.
 *
 * @throws EcshError `task-not-ready`, `task-timeout` (124), `interrupted` (128 + n)
 */
export async function awaitStart(
  app: App,
  reporter: Reporter,
  { aws, options, fresh, container, stop }: Starting,
): Promise<void> {
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
    if (kind === 'interrupted') throw interrupted(stop, state);
  } catch (error) {
    if (!(error instanceof EcshError) || error.code !== 'task-not-ready') throw error;
    throw await explained(aws, options, { fresh, container }, error);
  } finally {
    progress.end();
  }
}

export function interrupted({ by }: Starting['stop'], state: string): EcshError {
  return new EcshError('interrupted', `Stopped before the command ran: ${state}.`, {
    hint: 'ecsh has stopped the task.',
    exitCode: signalStatus(by()),
  });
}

async function explained(
  aws: AwsPorts,
  options: RunOptions,
  { fresh: { task, cluster, id }, container }: Pick<Starting, 'fresh' | 'container'>,
  cause: EcshError,
): Promise<EcshError> {
  const [last = task] = await (await aws.ecs()).describeTasks(task.clusterArn, [task.taskArn]);
  if (last.lastStatus !== 'STOPPED') return cause;
  const { message, hint } = whyStopped(last, container);
  const logs = ecshCommand(['logs', `${cluster}/${id}`], awsFlags(options));
  return new EcshError('task-not-ready', message, { hint: `${hint}\nIts log:  ${logs}`, cause });
}
