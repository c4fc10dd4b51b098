import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import type { EcsAdminApi, ImageRevision, RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { SessionGuard } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { runTaskFailed } from '#rollout/task-clone.ts';
import { type Leftover, leftoverId } from './leftover.ts';

/** Time limit for StopTask and for DeregisterTaskDefinition, with retries (ms). */
const STOP_LIMIT_MS = 15_000;

/** A task of `ecsh run`, from RunTask to StopTask. */
export interface FreshTask {
  readonly task: Task;
  readonly cluster: string;
  readonly id: string;
}

export interface RunResourcePorts {
  readonly admin: Pick<EcsAdminApi, 'runTask' | 'stopTask' | 'deregisterRevision'>;
  readonly guard: SessionGuard | undefined;
  readonly clock: Clock;
  /** Called with the reason if no watcher can end the task after ecsh is killed. */
  readonly onUnguarded: (reason: string) => void;
}

/** A resource that still exists, and the error from removing it. */
export interface NotReleased {
  readonly leftover: Leftover;
  readonly failure: EcshError;
}

/**
 * The resources that one `ecsh run` creates: a revision with another image, and a task. If ecsh is killed, even
 * during RunTask, the watcher removes them.
 */
export class RunResources {
  readonly #ports: RunResourcePorts;
  readonly #held: { readonly leftover: Leftover; readonly unwatch: () => void }[] = [];

  constructor(ports: RunResourcePorts) {
    this.#ports = ports;
  }

  /** @returns the ARN of the revision */
  async register(revision: ImageRevision): Promise<string> {
    const arn = await revision.register();
    this.#hold({ kind: 'revision', arn });
    return arn;
  }

  /**
   * Starts one task.
   *
   * @throws EcshError `task-not-placed` if ECS has no room for it, and the errors of RunTask
   */
  async start(request: RunTaskRequest): Promise<FreshTask> {
    const { cluster, clientToken } = request;
    const name = nameInArn(cluster);
    const forget = this.#watch({ kind: 'launch', cluster: name, token: clientToken });
    try {
      const fresh = await startFreshTask(this.#ports.admin, request);
      this.#hold({ kind: 'task', cluster: name, task: fresh.id });
      forget();
      return fresh;
    } catch (error) {
      // After a retryable error, ECS may have started the task: the watcher looks for it when ecsh has ended.
      if (!(error instanceof EcshError && error.retryable)) forget();
      throw error;
    }
  }

  /** Stops the task, then deregisters the revision. @returns resources that could not be removed */
  async release(): Promise<readonly NotReleased[]> {
    const failed: NotReleased[] = [];
    for (const { leftover, unwatch } of this.#held.splice(0).reverse()) {
      const failure = await this.#end(leftover);
      if (failure === undefined) unwatch();
      else failed.push({ leftover, failure });
    }
    return failed;
  }

  #hold(leftover: Leftover): void {
    this.#held.push({ leftover, unwatch: this.#watch(leftover) });
  }

  #watch(leftover: Leftover): () => void {
    const { guard, onUnguarded } = this.#ports;
    return guard?.watch(leftoverId(leftover), onUnguarded) ?? (() => undefined);
  }

  #end(leftover: Leftover): Promise<EcshError | undefined> {
    const { admin, clock } = this.#ports;
    switch (leftover.kind) {
      case 'task':
        return stopFreshTask(admin, { cluster: leftover.cluster, id: leftover.task }, clock);
      case 'revision':
        return deregisterRevision(admin, leftover.arn, clock);
      case 'launch':
        return Promise.resolve(undefined);
    }
  }
}

/**
 * Starts one task.
 *
 * @throws EcshError `task-not-placed` if ECS has no room for it, and the errors of RunTask
 */
export async function startFreshTask(
  admin: Pick<EcsAdminApi, 'runTask'>,
  request: RunTaskRequest,
): Promise<FreshTask> {
  const { tasks, failures } = await admin.runTask(request);
  const [task] = tasks;
  if (task === undefined) {
    const { code, message, hint = '' } = runTaskFailed(failures);
    throw new EcshError(code, message, { hint, exitCode: ExitStatus.failure });
  }
  return { task, cluster: request.cluster, id: nameInArn(task.taskArn) };
}

/**
 * Stops the task.
 *
 * @returns the reason why it could not be stopped; undefined if ECS has accepted the stop
 */
export function stopFreshTask(
  admin: Pick<EcsAdminApi, 'stopTask'>,
  { cluster, id }: Pick<FreshTask, 'cluster' | 'id'>,
  clock: Clock,
  reason = 'ecsh run has ended',
): Promise<EcshError | undefined> {
  return failureOf(clock, 'StopTask', () => admin.stopTask(cluster, id, reason));
}

/** @returns why the revision could not be deregistered; undefined if ECS has done it */
export function deregisterRevision(
  admin: Pick<EcsAdminApi, 'deregisterRevision'>,
  arn: string,
  clock: Clock,
): Promise<EcshError | undefined> {
  return failureOf(clock, 'DeregisterTaskDefinition', () => admin.deregisterRevision(arn));
}

async function failureOf(
  clock: Clock,
  operation: string,
  call: () => Promise<void>,
): Promise<EcshError | undefined> {
  const { promise: late, cancel } = timeLimit(clock, operation);
  try {
    await Promise.race([call(), late]);
    return undefined;
  } catch (error) {
    if (error instanceof EcshError) return error;
    throw error;
  } finally {
    cancel();
  }
}

function timeLimit(clock: Clock, operation: string) {
  let cancel: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    cancel = clock.after(STOP_LIMIT_MS, () =>
      reject(new EcshError('service-unavailable', `ECS did not answer ${operation}.`)),
    );
  });
  return { promise, cancel };
}

/** Tasks of earlier runs that are still running, because ecsh was killed together with its watcher. */
export async function leftoverTasks(
  ecs: Pick<EcsApi, 'listTasks' | 'describeTasks'>,
  cluster: string,
  startedBy: string,
): Promise<readonly Task[]> {
  const arns = await ecs.listTasks({ cluster, startedBy });
  return arns.length === 0 ? [] : ecs.describeTasks(cluster, arns, { tags: true });
}
