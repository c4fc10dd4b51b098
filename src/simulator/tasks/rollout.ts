import { randomInt, randomUUID } from 'node:crypto';
import type {
  FleetDeployment,
  FleetService,
  FleetTask,
  RolloutSettings,
} from '#simulator/fleet/fleet.ts';
import { healthOf } from './health-check.ts';
import { taskLike } from './new-task.ts';
import { rolloutStep } from './rollout-step.ts';
import type { TaskLife, TaskStop } from './task-life.ts';

/** ECS's threshold: half of the desired tasks, between 3 and 200 (ECS, deployment circuit breaker). */
const BREAKER_LEAST = 3;
const BREAKER_MOST = 200;

/** The stop code of tasks that the service scheduler stops. */
const SCHEDULER = 'ServiceSchedulerInitiated';

interface Rollout {
  readonly service: FleetService;
  readonly deployment: FleetDeployment;
  readonly settings: RolloutSettings;
  readonly template: FleetTask;
}

/** Rolling deployments of services: starts and stops tasks, and records events. */
export class Rollouts {
  readonly #life: TaskLife;

  constructor(life: TaskLife) {
    this.#life = life;
  }

  /** Starts a deployment of the service's template, and abandons one in progress. */
  start(service: FleetService): void {
    const id = newDeploymentId();
    this.#begin(service, service.rollout, {
      id,
      rolloutStateReason: `ECS deployment ${id} in progress.`,
      rollbackOf: undefined,
    });
  }

  /** Starts or stops tasks of the current deployment until as many run as desired. */
  scale(service: FleetService): void {
    const { template, desiredCount } = service;
    const deployment = service.deployments.find(({ status }) => status === 'PRIMARY');
    if (template === undefined || deployment === undefined) return;
    deployment.desiredCount = desiredCount;
    // The deployment in progress starts the tasks.
    if (deployment.rolloutState === 'IN_PROGRESS') return;
    const rollout = { service, deployment, settings: service.rollout, template };
    const kept = service.tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
    this.#startTasks(rollout, desiredCount - kept.length);
    // Protected tasks stay, and others are stopped instead (UpdateTaskProtection).
    const free = kept.filter((task) => !this.isProtected(task));
    const surplus = Math.min(free.length, Math.max(0, kept.length - desiredCount));
    this.#stopTasks(rollout, free.slice(free.length - surplus));
  }

  /** Starts the programs of a service's initial tasks, and replaces tasks that end. */
  adopt(service: FleetService): void {
    for (const task of service.tasks) {
      if (task.lastStatus !== 'RUNNING') continue;
      this.#life.adopt(task, () => {
        if (task.desiredStatus === 'RUNNING' && healthOf(task) === 'UNHEALTHY') {
          this.#replaceUnhealthy(service, task, () => undefined);
        }
        this.scale(service);
      });
    }
  }

  /** StopTask: the service starts a replacement. */
  stopTask(service: FleetService, task: FleetTask, stop: TaskStop): void {
    this.#life.stop(task, stop, () => this.scale(service));
  }

  isProtected({ protectedUntil }: FleetTask): boolean {
    return protectedUntil !== undefined && protectedUntil > this.#life.now();
  }

  /** StopServiceDeployment: rolls back to the previous revision, unless it is aborted. */
  stop(service: FleetService, deployment: FleetDeployment, isAborted: boolean): void {
    deployment.rolloutState = 'FAILED';
    deployment.rolloutStateReason = 'ECS deployment stopped.';
    deployment.updatedAt = this.#life.now();
    if (!isAborted) this.#rollBack(service, deployment, service.rollout);
  }

  #begin(
    service: FleetService,
    settings: RolloutSettings,
    origin: Pick<FleetDeployment, 'id' | 'rolloutStateReason' | 'rollbackOf'>,
  ): void {
    const { template } = service;
    const now = this.#life.now();
    const { desiredCount } = service;
    const deployment = {
      ...origin,
      template,
      createdAt: now,
      updatedAt: now,
      status: 'PRIMARY',
      desiredCount,
      failedTasks: 0,
      rolloutState: 'IN_PROGRESS',
    };
    for (const other of service.deployments) {
      if (other.status === 'PRIMARY') other.status = 'ACTIVE';
    }
    service.deployments.unshift(deployment);
    if (template === undefined) {
      this.#complete(service, deployment);
      return;
    }
    if (settings.outcome === 'unplaceable') this.#addEvent(service, UNPLACEABLE);
    this.#step({ service, deployment, settings, template });
  }

  #step(rollout: Rollout): void {
    const { service, deployment, settings } = rollout;
    if (deployment.status !== 'PRIMARY' || deployment.rolloutState !== 'IN_PROGRESS') return;
    const step = rolloutStep(service, deployment, (task) => this.isProtected(task));
    this.#startTasks(rollout, settings.outcome === 'unplaceable' ? 0 : step.starting);
    this.#stopTasks(rollout, step.stopping);
    if (step.isComplete) this.#complete(service, deployment);
  }

  #startTasks(rollout: Rollout, count: number): void {
    if (count <= 0) return;
    const { service, deployment, settings, template } = rollout;
    const tasks = Array.from({ length: count }, () =>
      taskLike(template, {
        startedBy: deployment.id,
        group: `service:${service.name}`,
        launchType: service.launchType,
        platformVersion: service.platformVersion,
        isExecEnabled: service.enableExecuteCommand,
        now: this.#life.now(),
      }),
    );
    service.tasks.push(...tasks);
    for (const [index, task] of tasks.entries()) {
      // Start them one after the other, as images arrive.
      const taskStartMs = settings.taskStartMs * (1 + index / 2);
      this.#life.start(task, { ...settings, taskStartMs }, () => {
        this.#taskChanged(rollout, task);
      });
    }
    this.#addEvent(service, `has started ${tasks.length} tasks: ${namesOf(tasks)}.`);
  }

  #taskChanged(rollout: Rollout, task: FleetTask): void {
    const { service, deployment } = rollout;
    const isInProgress = deployment.rolloutState === 'IN_PROGRESS';
    if (task.desiredStatus === 'RUNNING' && healthOf(task) === 'UNHEALTHY') {
      this.#replaceUnhealthy(service, task, () => this.#step(rollout));
      this.#countFailure(rollout);
      if (!isInProgress) this.scale(service);
    }
    if (task.lastStatus === 'STOPPED' && task.stopCode !== SCHEDULER) {
      this.#countFailure(rollout);
      if (!isInProgress) this.scale(service);
    }
    this.#step(rollout);
  }

  /** Stops a task whose essential container fails its health check, and starts a replacement. */
  #replaceUnhealthy(service: FleetService, task: FleetTask, onStopped: () => void): void {
    const { drainMs } = service.rollout;
    this.#addEvent(service, `(task ${task.id}) failed container health checks.`);
    this.#life.stop(task, { stopCode: SCHEDULER, reason: UNHEALTHY, drainMs }, onStopped);
  }

  #stopTasks(rollout: Rollout, tasks: readonly FleetTask[]): void {
    if (tasks.length === 0) return;
    const { service, settings } = rollout;
    for (const task of tasks) {
      const reason = `Scaling activity initiated by (deployment ${task.startedBy})`;
      const stop = { stopCode: SCHEDULER, reason, drainMs: settings.drainMs };
      this.#life.stop(task, stop, () => this.#step(rollout));
    }
    this.#addEvent(service, `has stopped ${tasks.length} running tasks: ${namesOf(tasks)}.`);
  }

  #complete(service: FleetService, deployment: FleetDeployment): void {
    deployment.rolloutState = 'COMPLETED';
    deployment.rolloutStateReason = deployment.rolloutStateReason
      .replace('in progress', 'completed')
      .replace('rolling back', 'rolled back');
    deployment.updatedAt = this.#life.now();
    for (const other of service.deployments.slice(1)) other.status = 'INACTIVE';
    this.#addEvent(service, `(deployment ${deployment.id}) deployment completed.`);
    this.#addEvent(service, 'has reached a steady state.');
  }

  #countFailure({ service, deployment, settings }: Rollout): void {
    deployment.failedTasks += 1;
    const { enable, rollback } = service.deploymentConfiguration.deploymentCircuitBreaker;
    const threshold = Math.min(
      BREAKER_MOST,
      Math.max(BREAKER_LEAST, Math.ceil(service.desiredCount / 2)),
    );
    if (!enable || deployment.failedTasks < threshold) return;
    if (deployment.rolloutState !== 'IN_PROGRESS') return;
    deployment.rolloutState = 'FAILED';
    deployment.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.';
    deployment.updatedAt = this.#life.now();
    deployment.desiredCount = 0;
    this.#addEvent(
      service,
      `(deployment ${deployment.id}) deployment failed: tasks failed to start.`,
    );
    if (rollback) this.#rollBack(service, deployment, settings);
  }

  #rollBack(service: FleetService, failed: FleetDeployment, settings: RolloutSettings): void {
    const former = service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED');
    service.template = former?.template ?? service.template;
    const reason = `rolling back to deploymentId ${former?.id}.`;
    this.#addEvent(service, reason);
    const origin = {
      id: newDeploymentId(),
      rolloutStateReason: `ECS deployment circuit breaker: ${reason}`,
      rollbackOf: failed.id,
    };
    this.#begin(service, { ...settings, outcome: 'healthy' }, origin);
  }

  #addEvent(service: FleetService, message: string): void {
    const id = randomUUID();
    const createdAt = this.#life.now();
    service.events.unshift({ id, createdAt, message: `(service ${service.name}) ${message}` });
  }
}

const UNPLACEABLE =
  'was unable to place a task because no container instance met all of its requirements. Reason: No ' +
  'Container Instances were found in your cluster.';

/** ECS developer guide, "Stopped tasks error messages". */
const UNHEALTHY = 'Task failed container health checks';

function newDeploymentId(): string {
  return `ecs-svc/${randomInt(100_000_000, 1_000_000_000)}${randomInt(1_000_000_000, 10_000_000_000)}`;
}

function namesOf(tasks: readonly FleetTask[]): string {
  return tasks.map(({ id }) => `(task ${id})`).join(' ');
}
