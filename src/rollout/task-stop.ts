import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import { pause } from '#session/pause.ts';
import { unlessAborted } from '#session/unless-aborted.ts';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 6_000;
const GROWTH = 1.3;

/** Consequences of stopping one task, to read before confirming. `service` may be unknown. */
export function stopNotes(task: Task, service: ServiceDetails | undefined): readonly string[] {
  const isStopping = task.desiredStatus === 'STOPPED';
  return [
    ...(isStopping ? ['ECS is stopping it already.'] : []),
    ...replacementNotes(task, service),
    SIGNALS,
  ];
}

/** ECS API, StopTask: like `docker stop`; 30 s unless the container definition sets stopTimeout. */
const SIGNALS =
  'Its containers get SIGTERM (or the STOPSIGNAL of their image), and SIGKILL after their stopTimeout, 30 s by default.';

/** The service scheduler keeps the desired count, with any deployment controller. */
function replacementNotes(task: Task, service: ServiceDetails | undefined): readonly string[] {
  const name = serviceOf(task);
  if (name === undefined)
    return ['It belongs to no service: ECS starts no other task in its place.'];
  if (service === undefined) return [`ECS starts another task of service ${name} in its place.`];
  const { desiredCount = 0, runningCount = 0, schedulingStrategy } = service;
  if (schedulingStrategy !== 'DAEMON' && desiredCount < runningCount) {
    return [`Service ${name} has more running tasks than it wants: ECS may start no other one.`];
  }
  const another = `ECS starts another task of service ${name} in its place.`;
  const isOnly = runningCount <= 1 && task.lastStatus === 'RUNNING';
  return isOnly
    ? [`Outage: it is the only running task of service ${name} until a new one runs.`, another]
    : [another];
}

export interface StopWatchOptions {
  readonly clock: Clock;
  readonly task: Task;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with the state of the task, such as `STOPPING`. */
  readonly onProgress: (text: string) => void;
}

export interface StopEnd {
  readonly kind: 'stopped' | 'timeout' | 'interrupted';
  /** Its last known state. */
  readonly task: Task;
}

/** Waits until a task has stopped. A task that ECS no longer lists counts as stopped. */
export async function waitForStop(
  ecs: Pick<EcsApi, 'describeTasks'>,
  { clock, task, timeoutMs, signal, onProgress }: StopWatchOptions,
): Promise<StopEnd> {
  const deadline = clock.now() + timeoutMs;
  let seen = task;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * GROWTH, LONGEST_DELAY_MS)) {
    const found = await unlessAborted(signal, tasksIfPossible(ecs, task));
    seen = found?.[0] ?? seen;
    if (seen.lastStatus === 'STOPPED' || found?.length === 0)
      return { kind: 'stopped', task: seen };
    onProgress(seen.lastStatus);
    const left = deadline - clock.now();
    if (left <= 0) return { kind: 'timeout', task: seen };
    await pause(clock, Math.min(left, delay), signal);
    if (signal.aborted) return { kind: 'interrupted', task: seen };
  }
}

/** Undefined after a temporary failure. */
async function tasksIfPossible(
  ecs: Pick<EcsApi, 'describeTasks'>,
  { clusterArn, taskArn }: Task,
): Promise<readonly Task[] | undefined> {
  try {
    return await ecs.describeTasks(clusterArn, [taskArn]);
  } catch (error) {
    if (error instanceof EcshError && error.retryable) return undefined;
    throw error;
  }
}
