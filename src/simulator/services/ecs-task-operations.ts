import { invalidParameter } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetCluster, FleetTask } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { Rollouts } from '#simulator/tasks/rollout.ts';
import type { TaskLife } from '#simulator/tasks/task-life.ts';
import { showTask } from './ecs-responses.ts';
import type { RunTask } from './run-task.ts';
import { showTags, tagsOf } from './tags.ts';

/** ECS API, UpdateTaskProtection: minutes. */
const DEFAULT_PROTECTION = 120;
const LONGEST_PROTECTION = 2880;
const MAX_PROTECTED = 10;
/** Time from StopTask to the SIGTERM (ms). */
const STOP_MS = 200;

interface TaskServices {
  readonly life: TaskLife;
  readonly rollouts: Rollouts;
  readonly runTask: RunTask;
}

/** The ECS operations on single tasks: start, stop, tags and scale-in protection. */
export class EcsTaskOperations {
  readonly #inventory: Inventory;
  readonly #services: TaskServices;

  constructor(inventory: Inventory, services: TaskServices) {
    this.#inventory = inventory;
    this.#services = services;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    RunTask: (input) => this.#services.runTask.run(input),
    StopTask: (input) => this.#stopTask(input),
    UpdateTaskProtection: (input) => this.#updateProtection(input),
    GetTaskProtection: (input) => this.#getProtection(input),
    TagResource: (input) => this.#tag(input),
    UntagResource: (input) => this.#untag(input),
    ListTagsForResource: (input) => ({ tags: showTags(this.#resource(input).tags) }),
  };

  #stopTask(input: ApiInput): object {
    const cluster = this.#inventory.requireCluster(input.text('cluster'));
    const task = this.#inventory.findTask(cluster, input.text('task') ?? '');
    if (task === undefined) throw invalidParameter('The referenced task was not found.');
    const { life, rollouts } = this.#services;
    const reason = input.text('reason') ?? 'Task stopped by user';
    const stop = { stopCode: 'UserInitiated', reason, drainMs: STOP_MS };
    const service = cluster.services.find(({ tasks }) => tasks.includes(task));
    if (service === undefined) life.stop(task, stop, () => undefined);
    else rollouts.stopTask(service, task, stop);
    return { task: showTask(this.#inventory, cluster, task, ['TAGS']) };
  }

  #updateProtection(input: ApiInput): object {
    const minutes = input.number('expiresInMinutes') ?? DEFAULT_PROTECTION;
    if (minutes < 1 || minutes > LONGEST_PROTECTION) {
      throw invalidParameter('expiresInMinutes must be between 1 and 2880.');
    }
    const isOn = input.flag('protectionEnabled');
    const until = isOn ? this.#services.life.now() + 60 * minutes : undefined;
    return this.#protections(input, (cluster, task) => {
      task.protectedUntil = until;
      const service = cluster.services.find(({ tasks }) => tasks.includes(task));
      if (!isOn && service !== undefined) this.#services.rollouts.scale(service);
    });
  }

  #getProtection(input: ApiInput): object {
    return this.#protections(input, () => undefined);
  }

  /** Only service tasks can be protected. */
  #protections(input: ApiInput, change: (cluster: FleetCluster, task: FleetTask) => void): object {
    const cluster = this.#inventory.requireCluster(input.text('cluster'));
    const references = input.texts('tasks');
    if (references.length > MAX_PROTECTED) throw invalidParameter('Tasks cannot be more than 10.');
    const protectedTasks: object[] = [];
    const failures: object[] = [];
    for (const reference of references) {
      const task = this.#inventory.findTask(cluster, reference);
      const arn = task === undefined ? reference : this.#inventory.taskArn(cluster, task);
      const reason = task === undefined ? 'MISSING' : protectionObstacle(task);
      if (task === undefined || reason !== undefined) {
        failures.push({ arn, reason });
        continue;
      }
      change(cluster, task);
      const isOn = this.#services.rollouts.isProtected(task);
      const expiration = isOn ? { expirationDate: task.protectedUntil } : {};
      protectedTasks.push({ taskArn: arn, protectionEnabled: isOn, ...expiration });
    }
    return { protectedTasks, failures };
  }

  #tag(input: ApiInput): object {
    const task = this.#resource(input);
    task.tags = { ...task.tags, ...tagsOf(input) };
    return {};
  }

  #untag(input: ApiInput): object {
    const task = this.#resource(input);
    const keys = input.texts('tagKeys');
    task.tags = Object.fromEntries(
      Object.entries(task.tags).filter(([key]) => !keys.includes(key)),
    );
    return {};
  }

  #resource(input: ApiInput): FleetTask {
    const arn = input.text('resourceArn') ?? '';
    const tasks = this.#inventory.fleet.clusters.flatMap(
      (cluster) => this.#inventory.findTask(cluster, arn) ?? [],
    );
    const [task] = tasks;
    if (task !== undefined) return task;
    throw invalidParameter('The specified resource is not one that the simulator keeps tags for.');
  }
}

function protectionObstacle({ group, lastStatus }: FleetTask): string | undefined {
  if (!group.startsWith('service:')) return 'TASK_NOT_VALID';
  return lastStatus === 'RUNNING' ? undefined : 'TASK_NOT_VALID';
}
