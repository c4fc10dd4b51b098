import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';

export interface TaskWatchOptions {
  readonly clock: Clock;
  readonly ecs: () => Promise<EcsApi>;
  readonly task: Task;
  /** Called once, with a message about the task. */
  readonly onStopping: (text: string) => void;
}

/** Rare enough for the API, and frequent enough for a user whose session is about to end. */
const INTERVAL_MS = 10_000;

/**
 * Checks every ten seconds whether ECS is stopping the task, which a session does not show.
 *
 * @returns the function that ends the watch
 */
export function watchTask(options: TaskWatchOptions): () => void {
  let hasEnded = false;
  let cancel: () => void = () => undefined;
  const look = async () => {
    const news = await newsOf(options);
    if (hasEnded) return;
    if (news === undefined) cancel = options.clock.after(INTERVAL_MS, () => void look());
    else options.onStopping(news);
  };
  cancel = options.clock.after(INTERVAL_MS, () => void look());
  return () => {
    hasEnded = true;
    cancel();
  };
}

/** A failed call says nothing about the task. */
async function newsOf({ ecs, task }: TaskWatchOptions): Promise<string | undefined> {
  try {
    const api = await ecs();
    const [now] = await api.describeTasks(nameInArn(task.clusterArn), [task.taskArn]);
    if (now === undefined) return 'The task is gone.';
    if (now.lastStatus === 'RUNNING' && now.desiredStatus !== 'STOPPED') return undefined;
    const reason = now.stoppedReason ?? now.stopCode;
    return `ECS is stopping the task${reason === undefined ? '' : `: ${reason}`}.`;
  } catch {
    return undefined;
  }
}
