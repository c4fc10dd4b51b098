import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { RUN_TAGS } from './run-request.ts';
import { whyStopped } from './why-stopped.ts';

/** The marks that `ecsh run --detach` has put on a task. */
export interface DetachedCommand {
  /** The container whose main program is the command. */
  readonly container: string;
  /** The image of `--image`, whose revision has to be deregistered. */
  readonly image: string | undefined;
}

/** The end of a task, as reported by ECS. */
export interface DetachedEnd {
  /** Its id. */
  readonly task: string;
  readonly container: string;
  /** The exit status of the container; undefined if it has none. */
  readonly status: number | undefined;
  readonly stopCode: string | undefined;
  readonly reason: string | undefined;
  /** The reason if there is no status, and the next step. */
  readonly message: string;
  readonly hint: string;
}

/** Undefined for a task that `ecsh run --detach` has not started. The task must be described with its tags. */
export function detachedCommand({ tags }: Pick<Task, 'tags'>): DetachedCommand | undefined {
  const tagValue = (key: string) => tags.find((tag) => tag.key === key)?.value;
  const container = tagValue(RUN_TAGS.detached);
  if (container === undefined) return undefined;
  return { container, image: tagValue(RUN_TAGS.image) };
}

/** Whether `ecsh run` without `--detach` has started the task, whose containers only wait. */
export function isHeld({ tags }: Pick<Task, 'tags'>): boolean {
  const hasTag = (wanted: string) => tags.some(({ key }) => key === wanted);
  return hasTag(RUN_TAGS.token) && !hasTag(RUN_TAGS.detached);
}

export function endOf(task: Task, container: string): DetachedEnd {
  const { reason, hint } = whyStopped(task, container);
  return {
    task: nameInArn(task.taskArn),
    container,
    status: task.containers.find(({ name }) => name === container)?.exitCode,
    stopCode: task.stopCode,
    reason: task.stoppedReason,
    message: `The task stopped, and container ${container} has no exit status. ${reason}`,
    hint,
  };
}
