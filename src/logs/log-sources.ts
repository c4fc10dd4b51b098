import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { type ResolveRequest, resolveAll, resolveTask, scopeOf } from '#domain/resolve/resolve.ts';
import { requestedName } from '#domain/resolve/selection.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type LogStream, logPlaceOf, type UnreadableLog } from './log-streams.ts';

export interface LogSourcesPorts {
  readonly ecs: EcsApi;
  /** Undefined if ECS does not know the definition. */
  describeTaskDefinition(arn: string): Promise<TaskDefinitionDetails | undefined>;
}

export interface FoundLogs {
  readonly tasks: readonly Task[];
  readonly streams: readonly LogStream[];
  readonly unreadable: readonly UnreadableLog[];
  /** A service starts more tasks, so its log has no end. */
  readonly canGrow: boolean;
}

export interface LogSourcesOptions {
  /** Also finds tasks that are starting or stopping, and tasks that started and stopped between two calls. */
  readonly isFollowing?: boolean | undefined;
}

/** Finds the tasks that TARGET names, and their log streams; task definitions are read once. */
export class LogSources {
  readonly #ports: LogSourcesPorts;
  readonly #request: ResolveRequest;
  readonly #container: string | undefined;
  readonly #isFollowing: boolean;
  readonly #definitions = new Map<string, Promise<TaskDefinitionDetails | undefined>>();
  /** Stopped tasks of a service that need no further description. */
  readonly #settled = new Set<string>();
  #isFirst = true;

  constructor(
    ports: LogSourcesPorts,
    request: ResolveRequest,
    { isFollowing = false }: LogSourcesOptions = {},
  ) {
    this.#ports = ports;
    this.#request = request;
    this.#isFollowing = isFollowing;
    const inTarget = parseTarget(request.target).container;
    this.#container = requestedName({ inTarget, option: request.container });
  }

  /**
   * Returns the current logs. For a service or family: of every running task, or of its last stopped
   * ones if none is running. Later calls also return tasks that have stopped since.
   *
   * @throws EcshError of `resolveTask` and `resolveAll`, `container-not-found`, and at the first call
   *   `log-unreadable` if CloudWatch has none of the logs
   */
  async find(): Promise<FoundLogs> {
    const { tasks, canGrow } = await this.#tasks();
    const places = (await Promise.all(tasks.map((task) => this.#placesIn(task)))).flat();
    const streams = places.flatMap((place) => (place.kind === 'stream' ? [place.stream] : []));
    const unreadable = places.flatMap((place) => (place.kind === 'unreadable' ? [place.log] : []));
    if (this.#isFirst) this.#assertReadable(tasks, streams, unreadable);
    this.#isFirst = false;
    return { tasks, streams, unreadable, canGrow };
  }

  #assertReadable(
    tasks: readonly Task[],
    streams: readonly LogStream[],
    unreadable: readonly UnreadableLog[],
  ): void {
    const wanted = this.#container;
    const [task] = tasks;
    const hasWanted = tasks.some(({ containers }) =>
      containers.some(({ name }) => name === wanted),
    );
    if (wanted !== undefined && task !== undefined && !hasWanted) throw noContainer(task, wanted);
    if (streams.length > 0) return;
    if (unreadable.length > 0) throw nothingToRead(unreadable);
    if (!this.#isFollowing) throw notStarted();
  }

  async #tasks(): Promise<Pick<FoundLogs, 'tasks' | 'canGrow'>> {
    const { ecs } = this.#ports;
    const isFamily = parseTarget(this.#request.target).kind === 'family';
    try {
      const { running, notRunning } = await resolveAll(ecs, this.#request);
      const others = this.#isFollowing ? [...notRunning, ...(await this.#newlyStopped())] : [];
      return { tasks: distinct([...running, ...others]), canGrow: !isFamily };
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      switch (error.code) {
        case 'all-needs-service':
        case 'service-not-found':
          return { tasks: [(await resolveTask(ecs, this.#request)).task], canGrow: false };
        case 'no-running-task': {
          const stopped = this.#isFirst ? await this.#stoppedTasks() : await this.#newlyStopped();
          if (this.#isFirst && stopped.length === 0) throw error;
          return { tasks: stopped, canGrow: !isFamily };
        }
        default:
          throw error;
      }
    }
  }

  /** Tasks that are stopping, and in later calls also those that have stopped since the previous call. */
  async #newlyStopped(): Promise<readonly Task[]> {
    const tasks = await this.#stoppedTasks();
    return this.#isFirst ? tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED') : tasks;
  }

  /** ECS remembers stopped tasks for about an hour. A task is returned as STOPPED once. */
  async #stoppedTasks(): Promise<readonly Task[]> {
    const target = parseTarget(this.#request.target);
    const { cluster } = scopeOf(target, this.#request);
    const owner =
      target.kind === 'family'
        ? { family: target.family }
        : { service: target.kind === 'service' ? target.service : nameOf(target) };
    const { ecs } = this.#ports;
    const arns = await ecs.listTasks({ cluster, ...owner, desiredStatus: 'STOPPED' });
    const wanted = arns.filter((arn) => !this.#settled.has(arn));
    const tasks = wanted.length === 0 ? [] : await ecs.describeTasks(cluster, wanted);
    for (const { taskArn, lastStatus } of tasks) {
      if (lastStatus === 'STOPPED') this.#settled.add(taskArn);
    }
    return tasks;
  }

  async #placesIn(task: Task) {
    const definition = await this.#definitionOf(task);
    const wanted = this.#container;
    const containers = task.containers.filter(
      ({ name }) => wanted === undefined || name === wanted,
    );
    // A container that has not started has no stream yet.
    const started = containers.filter(({ lastStatus }) => lastStatus !== 'PENDING');
    return started.map((container) =>
      logPlaceOf(
        task,
        container,
        definition?.containerDefinitions?.find(({ name }) => name === container.name),
      ),
    );
  }

  #definitionOf({ taskDefinitionArn }: Task): Promise<TaskDefinitionDetails | undefined> {
    const known = this.#definitions.get(taskDefinitionArn);
    const definition = known ?? this.#ports.describeTaskDefinition(taskDefinitionArn);
    this.#definitions.set(taskDefinitionArn, definition);
    return definition;
  }
}

/** A task can move from one list to the other between two calls. */
function distinct(tasks: readonly Task[]): readonly Task[] {
  return [...new Map(tasks.map((task) => [task.taskArn, task])).values()];
}

function nameOf(target: ReturnType<typeof parseTarget>): string | undefined {
  return target.kind === 'name' ? target.name : undefined;
}

function noContainer(task: Task, name: string): EcshError {
  const names = task.containers.map((container) => container.name).join(', ');
  return new EcshError(
    'container-not-found',
    `Task ${nameInArn(task.taskArn)} has no container "${name}".`,
    { hint: `It has: ${names}.` },
  );
}

function nothingToRead(unreadable: readonly UnreadableLog[]): EcshError {
  const reasons = new Map(unreadable.map(({ container, reason }) => [container, reason]));
  const list = [...reasons].map(([container, reason]) => `${container}: ${reason}`).join('; ');
  return new EcshError('log-unreadable', `CloudWatch Logs has no log of this target. ${list}.`, {
    hint: 'Give the container the awslogs driver, or look where its own driver writes.',
  });
}

function notStarted(): EcshError {
  return new EcshError('log-unreadable', 'No container of this target has started yet.', {
    hint: 'With -f, ecsh logs waits for the first line.',
    retryable: true,
  });
}
