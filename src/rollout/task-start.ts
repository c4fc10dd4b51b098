import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { checkTask, isReady, isWorthWaiting, primaryCause } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { pause } from '#session/pause.ts';
import { unlessAborted } from '#session/unless-aborted.ts';

const FIRST_DELAY_MS = 3_000;
const LONGEST_DELAY_MS = 10_000;
const GROWTH = 1.2;
/** After RunTask, DescribeTasks may not list the task yet, or not its agent. */
const GRACE_MS = 30_000;

export interface StartWatchOptions {
  readonly clock: Clock;
  readonly task: Task;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The container to enter; by default the one that `ecsh TASK` would choose. */
  readonly containerName?: string | undefined;
  /** @param task as last seen; @param state the reason why it is not ready yet */
  readonly onProgress: (state: string, task: Task) => void;
  /** Milliseconds until the next poll; by default the interval grows up to 10 s. */
  readonly everyMs?: ((task: Task) => number) | undefined;
}

export interface TaskEnd {
  readonly kind: 'ready' | 'timeout' | 'interrupted';
  readonly state: string;
}

/**
 * Waits until a new task is ready.
 *
 * @throws EcshError `task-not-ready` for a permanent failure: it has stopped, its agent has
 */
export async function waitForStart(
  ecs: Pick<EcsApi, 'describeTasks'>,
  { clock, task, timeoutMs, signal, onProgress, everyMs, containerName }: StartWatchOptions,
): Promise<TaskEnd> {
  const start = clock.now();
  const cluster = nameInArn(task.clusterArn);
  let seen = task;
  for (let delay = FIRST_DELAY_MS; ; delay = slower(delay)) {
    [seen = seen] = (await unlessAborted(signal, tasksIfPossible(ecs, task))) ?? [];
    const results = checkTask({ task: seen, cluster, containerName });
    const cause = primaryCause(results);
    const state = cause?.message.replace(/\.$/, '') ?? 'Ready';
    if (isReady(results)) return { kind: 'ready', state };
    const isOver = seen.lastStatus === 'STOPPED' || clock.now() - start > GRACE_MS;
    if (isOver && !isWorthWaiting(results)) throw notReady(seen, state);
    onProgress(state, seen);
    const left = start + timeoutMs - clock.now();
    if (left <= 0) return { kind: 'timeout', state };
    await pause(clock, Math.min(left, everyMs?.(seen) ?? delay), signal);
    if (signal.aborted) return { kind: 'interrupted', state };
  }
}

function slower(delay: number): number {
  return Math.min(delay * GROWTH, LONGEST_DELAY_MS);
}

/** Undefined after a temporary failure. */
async function tasksIfPossible(
  ecs: Pick<EcsApi, 'describeTasks'>,
  { clusterArn, taskArn }: Task,
): Promise<readonly Task[]> {
  try {
    return await ecs.describeTasks(clusterArn, [taskArn]);
  } catch (error) {
    if (error instanceof EcshError && error.retryable) return [];
    throw error;
  }
}

function notReady(task: Task, state: string): EcshError {
  return new EcshError('task-not-ready', `The new task cannot be entered. ${state}.`, {
    hint: `Find out more:  ecsh doctor ${nameInArn(task.clusterArn)}/${nameInArn(task.taskArn)}`,
    exitCode: 1,
  });
}
