import type { App } from '#commands/app.ts';
import { progressOf, stopOnSignal } from '#commands/enable/follow-rollout.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { startPhase } from '#run/start-phase.ts';
import { pause } from '#session/pause.ts';
import type { Reporter } from '#ui/reporter.ts';
import { interrupted, type Starting } from './await-start.ts';
import { followTask } from './follow-task.ts';
import { type Launch, registered, release } from './launch.ts';

const STARTING: readonly string[] = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

/** How often to look at a task that is starting (ms). */
const LOOK_EVERY_MS = 500;

/**
 * Runs the command as the program of its container, for images without sh: its log is the output. Stops the task at
 * the end, on signals and after `--timeout`.
 *
 * @returns the exit status of the container
 * @throws EcshError `task-not-placed`, `task-timeout`, `interrupted`, `status-unknown`
 */
export async function runOwnProgram(app: App, reporter: Reporter, launch: Launch): Promise<number> {
  const { aws, options, plan, resources } = launch;
  const { container } = plan;
  let stop = stopOnSignal(app);
  try {
    const fresh = await resources.start(await registered(reporter, launch));
    const target = `${nameInArn(fresh.cluster)}/${fresh.id}`;
    reporter.notice(`Started task ${target}.`);
    const task = await untilStarted(app, reporter, { aws, options, fresh, container, stop });
    stop.forget();
    return await followTask(app, reporter, {
      aws,
      options: { ...options, target, timeoutFrom: app.clock.now() },
      task,
      container,
      isStoppedAfter: true,
    });
  } finally {
    stop.forget();
    // The first signal now has to wait until the task is stopped.
    stop = stopOnSignal(app);
    await release(reporter, launch);
    stop.forget();
  }
}

/** Reports the progress until the containers have started, or the task has failed to start. */
async function untilStarted(
  app: App,
  reporter: Reporter,
  { aws, options, fresh, container, stop }: Starting,
): Promise<Task> {
  const { clock } = app;
  const limit = clock.now() + options.startTimeout;
  const progress = progressOf(app, reporter, options);
  const ecs = await aws.ecs();
  try {
    for (let seen = fresh.task; ; ) {
      [seen = seen] = await ecs.describeTasks(seen.clusterArn, [seen.taskArn]);
      if (stop.signal.aborted) throw interrupted(stop, `the task is ${seen.lastStatus}`);
      if (!STARTING.includes(seen.lastStatus)) return seen;
      if (clock.now() >= limit) throw notStarted(seen);
      const { text, since } = startPhase(seen, container);
      progress.update(text, since?.getTime());
      await pause(clock, LOOK_EVERY_MS, stop.signal);
    }
  } finally {
    progress.end();
  }
}

function notStarted({ lastStatus }: Task): EcshError {
  return new EcshError('task-timeout', `The task did not start in time: it is ${lastStatus}.`, {
    hint: 'ecsh stops it. If it only needs longer, raise --start-timeout.',
  });
}
