import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import { type HealthWatchOptions, healthCheckOf, watchHealth } from './health-check.ts';

/** The program of a running container. */
export interface ContainerRun {
  /** Resolves with the exit code when the program has ended. */
  readonly exited: Promise<number>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** A container's program, or the reason why it cannot be started. */
export type ContainerStart =
  | { readonly kind: 'running'; readonly run: ContainerRun }
  /** The image's own program, which is not simulated: the container just keeps running. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Starts the programs of containers. */
export type StartContainer = (task: FleetTask, container: FleetContainer) => ContainerStart;

/** Runs a health check once; resolves with true if it exits with 0 in time. */
export type CheckHealth = (task: FleetTask, container: FleetContainer) => Promise<boolean>;

export interface TaskContainersOptions {
  readonly task: FleetTask;
  readonly start: StartContainer;
  /** Every container has started. */
  readonly onAllStarted: () => void;
  /** The task cannot start, because a container or one of its dependencies failed. */
  readonly onStartFailure: (reason: string) => void;
  readonly onEssentialExit: () => void;
  /** A container has become HEALTHY or UNHEALTHY. */
  readonly onHealth: () => void;
  /** Default: every container is healthy from the start. */
  readonly checkHealth: CheckHealth | undefined;
  readonly clock: Pick<HealthWatchOptions, 'now' | 'after'>;
}

/** The containers of one task, from their start in the order of `dependsOn` to their end. */
export class TaskContainers {
  readonly #options: TaskContainersOptions;
  readonly #started = new Set<FleetContainer>();
  readonly #runs = new Map<FleetContainer, ContainerRun>();
  #isEnding = false;
  #isAbandoned = false;
  #isUp = false;

  constructor(options: TaskContainersOptions) {
    this.#options = options;
  }

  /** Starts every container whose dependencies allow it, now and after each change. */
  startReady(): void {
    const { task } = this.#options;
    let hasStarted = true;
    while (hasStarted && !this.#isEnding) {
      hasStarted = false;
      for (const container of task.containers) {
        if (this.#started.has(container) || this.#isEnding) continue;
        const state = stateOf(task, container);
        if (state === 'waiting') continue;
        if (state === 'impossible')
          this.#fail(`${container.name} depends on a container that failed.`);
        else this.#start(container);
        hasStarted = true;
      }
    }
    const isUp = task.containers.every((container) => this.#started.has(container));
    if (!isUp || this.#isUp || this.#isEnding) return;
    this.#isUp = true;
    this.#options.onAllStarted();
  }

  /** Sends SIGTERM, then SIGKILL once `limit` settles; resolves when every program has ended. */
  async stop(limit: Promise<void>): Promise<void> {
    this.#isEnding = true;
    const runs = [...this.#runs.values()];
    for (const run of runs) run.signal('SIGTERM');
    const ended = Promise.all(runs.map(({ exited }) => exited));
    await Promise.race([ended, limit]);
    for (const run of this.#runs.values()) run.signal('SIGKILL');
    await ended;
  }

  /** Kills every program without updating the task, because the same fleet may be simulated again. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await this.stop(Promise.resolve());
  }

  /** Whether no program runs, so that the task can stop at once. */
  get isIdle(): boolean {
    return this.#runs.size === 0;
  }

  #start(container: FleetContainer): void {
    const { task, start } = this.#options;
    this.#started.add(container);
    const started = start(task, container);
    if (started.kind === 'failed') {
      container.lastStatus = 'STOPPED';
      container.reason = started.reason;
      this.#fail(started.reason);
      return;
    }
    container.lastStatus = 'RUNNING';
    this.#watchHealth(container);
    this.#limitStart(container);
    if (started.kind === 'running') void this.#follow(container, started.run);
  }

  #watchHealth(container: FleetContainer): void {
    const { task, checkHealth, clock, onHealth } = this.#options;
    const check = healthCheckOf(container);
    if (check === undefined || container.healthStatus === 'UNHEALTHY') return;
    if (checkHealth === undefined) {
      container.healthStatus = 'HEALTHY';
      return;
    }
    watchHealth({
      check,
      probe: () => checkHealth(task, container),
      ...clock,
      isRunning: () => container.lastStatus === 'RUNNING' && !this.#isEnding,
      onChange: (health) => {
        container.healthStatus = health;
        this.startReady();
        onHealth();
      },
    });
  }

  /** After `startTimeout`, a container that still waits for this one fails, and so does the task. */
  #limitStart(container: FleetContainer): void {
    const { startTimeout } = container.definition;
    if (typeof startTimeout !== 'number') return;
    const { task, clock } = this.#options;
    clock.after(1_000 * startTimeout, () => {
      const waiting = task.containers.find(
        (other) => !this.#started.has(other) && waitsFor(task, other, container),
      );
      if (waiting === undefined || this.#isEnding || task.desiredStatus === 'STOPPED') return;
      this.#fail(
        `Container ${waiting.name} gave up: ${container.name} did not reach the condition of its dependsOn within ${startTimeout} s.`,
      );
    });
  }

  async #follow(container: FleetContainer, run: ContainerRun): Promise<void> {
    this.#runs.set(container, run);
    const exitCode = await run.exited;
    if (this.#isAbandoned) return;
    container.exitCode = exitCode;
    container.lastStatus = 'STOPPED';
    if (container.agentStatus !== undefined) container.agentStatus = 'STOPPED';
    this.#runs.delete(container);
    if (this.#isEnding) return;
    if (container.essential) this.#options.onEssentialExit();
    else this.startReady();
  }

  #fail(reason: string): void {
    this.#isEnding = true;
    this.#options.onStartFailure(reason);
  }
}

type DependencyState = 'ready' | 'waiting' | 'impossible';

/** Whether the conditions of `dependsOn` are met, can still be met, or cannot be met. */
function stateOf(task: FleetTask, container: FleetContainer): DependencyState {
  const states = dependenciesOf(task, container).map(({ state }) => state);
  if (states.includes('impossible')) return 'impossible';
  return states.includes('waiting') ? 'waiting' : 'ready';
}

function waitsFor(task: FleetTask, container: FleetContainer, other: FleetContainer): boolean {
  return dependenciesOf(task, container).some(
    (dependency) => dependency.container === other && dependency.state === 'waiting',
  );
}

function dependenciesOf(task: FleetTask, { definition }: FleetContainer) {
  const { dependsOn } = definition;
  const list: readonly unknown[] = Array.isArray(dependsOn) ? dependsOn : [];
  return list.flatMap((entry) => {
    const name: unknown = Reflect.get(Object(entry), 'containerName');
    const container = task.containers.find((candidate) => candidate.name === name);
    if (container === undefined) return [];
    const state = dependencyState(container, Reflect.get(Object(entry), 'condition'));
    return [{ container, state }];
  });
}

function dependencyState(
  { lastStatus, exitCode, healthStatus }: FleetContainer,
  condition: unknown,
): DependencyState {
  const hasEnded = lastStatus === 'STOPPED';
  switch (condition) {
    case 'COMPLETE':
      return hasEnded ? 'ready' : 'waiting';
    case 'SUCCESS':
      if (!hasEnded) return 'waiting';
      return exitCode === 0 ? 'ready' : 'impossible';
    case 'HEALTHY':
      if (hasEnded) return 'impossible';
      return healthStatus === 'HEALTHY' ? 'ready' : 'waiting';
    default:
      return lastStatus === 'PENDING' ? 'waiting' : 'ready';
  }
}
