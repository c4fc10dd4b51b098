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
}

/** Finds the tasks that TARGET names, and their log streams; task definitions are read once. */
export class LogSources {
  readonly #ports: LogSourcesPorts;
  readonly #request: ResolveRequest;
  readonly #container: string | undefined;
  readonly #definitions = new Map<string, Promise<TaskDefinitionDetails | undefined>>();

  constructor(ports: LogSourcesPorts, request: ResolveRequest) {
    this.#ports = ports;
    this.#request = request;
    const inTarget = parseTarget(request.target).container;
    this.#container = requestedName({ inTarget, option: request.container });
  }

  /**
   * The logs as they are now. For a service or family: of every running task, or of its last stopped
   * ones if none runs.
   *
   * @throws EcshError of `resolveTask` and `resolveAll`, `container-not-found`, and `log-unreadable`
   *   if CloudWatch holds none of the logs
   */
  async find(): Promise<FoundLogs> {
    const tasks = await this.#tasks();
    const places = (await Promise.all(tasks.map((task) => this.#placesIn(task)))).flat();
    const streams = places.flatMap((place) => (place.kind === 'stream' ? [place.stream] : []));
    const unreadable = places.flatMap((place) => (place.kind === 'unreadable' ? [place.log] : []));
    if (streams.length === 0) throw nothingToRead(unreadable);
    return { tasks, streams, unreadable };
  }

  async #tasks(): Promise<readonly Task[]> {
    const { ecs } = this.#ports;
    try {
      return (await resolveAll(ecs, this.#request)).running;
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      switch (error.code) {
        case 'all-needs-service':
        case 'service-not-found':
          return [(await resolveTask(ecs, this.#request)).task];
        case 'no-running-task': {
          const stopped = await this.#stoppedTasks();
          if (stopped.length > 0) return stopped;
          throw error;
        }
        default:
          throw error;
      }
    }
  }

  /** ECS remembers stopped tasks for about an hour. */
  async #stoppedTasks(): Promise<readonly Task[]> {
    const target = parseTarget(this.#request.target);
    const { cluster } = scopeOf(target, this.#request);
    const owner =
      target.kind === 'family'
        ? { family: target.family }
        : { service: target.kind === 'service' ? target.service : nameOf(target) };
    const { ecs } = this.#ports;
    const arns = await ecs.listTasks({ cluster, ...owner, desiredStatus: 'STOPPED' });
    return arns.length === 0 ? [] : ecs.describeTasks(cluster, arns);
  }

  async #placesIn(task: Task) {
    const definition = await this.#definitionOf(task);
    const wanted = this.#container;
    const containers = task.containers.filter(
      ({ name }) => wanted === undefined || name === wanted,
    );
    if (containers.length === 0 && wanted !== undefined) throw noContainer(task, wanted);
    return containers.map((container) =>
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
