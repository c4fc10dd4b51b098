import type { Clock } from '#domain/ports/system-ports.ts';
import type { FleetContainer, FleetTask, RolloutSettings } from '#simulator/fleet/fleet.ts';
import { type CheckHealth, type StartContainer, TaskContainers } from './task-containers.ts';

const AGENT_GONE = 'ExecuteCommandAgent process exited with exit code: 1';
/** Whether the exec agent of a container runs, stops, or is never started. */
export type AgentFate = 'running' | 'stopped' | 'none';

const CONTAINER_EXITED = 'Essential container in task exited';
/** How long a container can take to end after SIGTERM unless its definition sets a time (s). */
const STOP_TIMEOUT = 30;

export interface TaskLifeOptions {
  readonly clock: Clock;
  /** Called for every task whose containers have ended. */
  readonly onStopped: (task: FleetTask) => void;
  /** Default: no container has a program. */
  readonly startContainer?: StartContainer;
  /** Default: every container is healthy from the start. */
  readonly checkHealth?: CheckHealth;
  /** Default: every agent runs. */
  readonly agentFate?: (task: FleetTask, container: FleetContainer) => AgentFate;
}

/** Why a task is stopped. */
export interface TaskStop {
  readonly stopCode: string;
  readonly reason: string;
  /** How long load balancers drain before the containers get a signal (ms). */
  readonly drainMs: number;
}

/** Moves tasks through their states over time. */
export class TaskLife {
  readonly #options: TaskLifeOptions;
  readonly #containers = new Map<FleetTask, TaskContainers>();
  readonly #timers = new Set<() => void>();

  constructor(options: TaskLifeOptions) {
    this.#options = options;
  }

  /** Seconds since the epoch. */
  now(): number {
    return this.#options.clock.now() / 1_000;
  }

  /** @param onChange called when the task runs, when its agent runs, and when the task has stopped */
  start(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    const half = settings.taskStartMs / 2;
    this.after(half, () => {
      if (task.desiredStatus === 'STOPPED') return;
      task.lastStatus = 'PENDING';
      task.pullStartedAt = this.now();
      this.after(half, () => this.#begin(task, settings, onChange));
    });
  }

  /** Starts the programs of a task that runs from the beginning. */
  adopt(task: FleetTask, onChange: () => void): void {
    const { startContainer } = this.#options;
    if (startContainer === undefined) return;
    const containers = new TaskContainers({
      task,
      start: (_, container) =>
        container.lastStatus === 'RUNNING' ? startContainer(task, container) : { kind: 'idle' },
      onAllStarted: () => undefined,
      ...this.#containerEvents(task, onChange),
    });
    this.#containers.set(task, containers);
    containers.startReady();
  }

  /** Drains, sends SIGTERM, and then SIGKILL to remaining programs. */
  stop(task: FleetTask, { stopCode, reason, drainMs }: TaskStop, onChange: () => void): void {
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.lastStatus = 'DEACTIVATING';
    task.stoppingAt = this.now();
    task.stopCode = stopCode;
    task.stoppedReason = reason;
    this.after(drainMs, () => this.#endAfter(task, stopCode, reason, onChange));
  }

  after(milliseconds: number, run: () => void): void {
    const cancel = this.#options.clock.after(milliseconds, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  /** Kills all programs at once; no task changes afterwards. */
  async halt(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const all = [...this.#containers.values()];
    await Promise.all(all.map((containers) => containers.abandon()));
  }

  /** Starts the containers, unless the task has been stopped. */
  #begin(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    if (task.desiredStatus === 'STOPPED') return;
    if (settings.outcome === 'start-failure') {
      this.#end(task, { stopCode: 'TaskFailedToStart', reason: settings.stoppedReason });
      onChange();
      return;
    }
    task.pullStoppedAt = this.now();
    if (settings.outcome === 'crash') this.#crash(task, settings, onChange);
    else this.#startContainers(task, settings, onChange);
  }

  #startContainers(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    const { startContainer = () => ({ kind: 'idle' }) as const } = this.#options;
    const containers = new TaskContainers({
      task,
      start: startContainer,
      onAllStarted: () => {
        task.lastStatus = 'RUNNING';
        task.startedAt = this.now();
        this.#startAgents(task, settings, onChange);
        onChange();
      },
      ...this.#containerEvents(task, onChange),
    });
    this.#containers.set(task, containers);
    containers.startReady();
  }

  #containerEvents(task: FleetTask, onChange: () => void) {
    return {
      onStartFailure: (reason: string) =>
        this.#endAfter(task, 'TaskFailedToStart', reason, onChange),
      onEssentialExit: () => this.#exit(task, onChange),
      onHealth: onChange,
      checkHealth: this.#options.checkHealth,
      clock: {
        now: () => this.#options.clock.now(),
        after: (milliseconds: number, run: () => void) => this.after(milliseconds, run),
      },
    };
  }

  #startAgents(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    if (!task.enableExecuteCommand || settings.outcome === 'agent-pending') return;
    const { agentFate = () => 'running' } = this.#options;
    const fates = new Map(task.containers.map((one) => [one, agentFate(task, one)]));
    for (const [container, fate] of fates) {
      if (fate === 'none') container.agentStatus = undefined;
    }
    this.after(settings.agentStartMs, () => {
      if (task.lastStatus !== 'RUNNING') return;
      for (const [container, fate] of fates) {
        if (container.lastStatus !== 'RUNNING' || fate === 'none') continue;
        const isGone = settings.outcome === 'agent-stops' || fate === 'stopped';
        container.agentStatus = isGone ? 'STOPPED' : 'RUNNING';
        container.agentReason = isGone ? AGENT_GONE : undefined;
        container.agentStartedAt = this.now();
      }
      onChange();
    });
  }

  #crash(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    for (const container of task.containers) {
      if (container.essential) container.exitCode = settings.exitCode;
    }
    this.#end(task, { stopCode: 'EssentialContainerExited', reason: settings.stoppedReason });
    onChange();
  }

  #exit(task: FleetTask, onChange: () => void): void {
    this.#endAfter(task, 'EssentialContainerExited', CONTAINER_EXITED, onChange);
  }

  /** Stops the containers that still run, and then the task. */
  #endAfter(task: FleetTask, stopCode: string, reason: string, onChange: () => void): void {
    const containers = this.#containers.get(task);
    task.desiredStatus = 'STOPPED';
    task.stoppingAt ??= this.now();
    const end = () => {
      this.#containers.delete(task);
      this.#end(task, { stopCode, reason });
      onChange();
    };
    if (containers === undefined || containers.isIdle) {
      end();
      return;
    }
    task.lastStatus = 'STOPPING';
    const limit = new Promise<void>((resolve) => {
      this.after(1_000 * stopTimeoutOf(task), resolve);
    });
    void containers.stop(limit).then(end);
  }

  #end(task: FleetTask, { stopCode, reason }: Pick<TaskStop, 'stopCode' | 'reason'>): void {
    task.desiredStatus = 'STOPPED';
    task.lastStatus = 'STOPPED';
    task.stopCode = stopCode;
    task.stoppedReason = reason;
    task.executionStoppedAt = this.now();
    task.stoppedAt = this.now();
    for (const container of task.containers) {
      container.lastStatus = 'STOPPED';
      if (container.agentStatus !== undefined) container.agentStatus = 'STOPPED';
    }
    this.#options.onStopped(task);
  }
}

/** The longest stop timeout of its containers, in seconds. */
function stopTimeoutOf(task: FleetTask): number {
  const timeouts = task.containers.map(({ definition }) => {
    const { stopTimeout } = definition;
    return typeof stopTimeout === 'number' ? stopTimeout : STOP_TIMEOUT;
  });
  return Math.max(...timeouts);
}
