import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { FleetTask, RolloutSettings } from './fleet.ts';

export interface Launch {
  readonly startedBy: string | undefined;
  readonly group: string;
  readonly launchType: string;
  readonly platformVersion: string;
  readonly isExecEnabled: boolean;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** A new task of the same containers, which has not started yet. */
export function taskLike(template: FleetTask, launch: Launch): FleetTask {
  const id = randomBytes(16).toString('hex');
  return {
    ...template,
    id,
    group: launch.group,
    launchType: launch.launchType,
    platformVersion: launch.platformVersion,
    startedBy: launch.startedBy,
    enableExecuteCommand: launch.isExecEnabled,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    stopCode: undefined,
    stoppedReason: undefined,
    createdAt: launch.now,
    startedAt: undefined,
    stoppedAt: undefined,
    containers: template.containers.map((container) => ({
      ...container,
      lastStatus: 'PENDING',
      runtimeId: `${id}-${randomInt(1_000_000_000, 4_000_000_000)}`,
      agentStatus: launch.isExecEnabled ? 'PENDING' : undefined,
      agentReason: undefined,
      agentStartedAt: undefined,
    })),
  };
}

const AGENT_GONE = 'ExecuteCommandAgent process exited with exit code: 1';

/** Takes tasks through their states as time goes by. */
export class TaskLife {
  readonly #clock: Clock;
  readonly #onStopped: (task: FleetTask) => void;
  readonly #timers = new Set<() => void>();

  /** `onStopped` hears of every task whose containers have ended. */
  constructor(clock: Clock, onStopped: (task: FleetTask) => void) {
    this.#clock = clock;
    this.#onStopped = onStopped;
  }

  /** Seconds since the epoch. */
  now(): number {
    return this.#clock.now() / 1_000;
  }

  /** `onChange` is called when the task runs, when its agent does, and when it has stopped. */
  start(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    this.after(settings.taskStartMs / 2, () => {
      if (task.desiredStatus === 'RUNNING') task.lastStatus = 'PENDING';
    });
    this.after(settings.taskStartMs, () => {
      if (task.desiredStatus === 'STOPPED') return;
      if (settings.outcome === 'crash') {
        this.#end(task, 'EssentialContainerExited', settings.stoppedReason);
      } else {
        this.#run(task, settings, onChange);
      }
      onChange();
    });
  }

  /** SIGTERM, then time to drain. */
  stop(task: FleetTask, reason: string, drainMs: number, onChange: () => void): void {
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.lastStatus = 'DEACTIVATING';
    this.after(drainMs, () => {
      this.#end(task, 'ServiceSchedulerInitiated', reason);
      onChange();
    });
  }

  after(milliseconds: number, run: () => void): void {
    const cancel = this.#clock.after(milliseconds, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  /** Time stands still from then on. */
  halt(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #run(task: FleetTask, settings: RolloutSettings, onChange: () => void): void {
    task.lastStatus = 'RUNNING';
    task.startedAt = this.now();
    for (const container of task.containers) container.lastStatus = 'RUNNING';
    if (!task.enableExecuteCommand) return;
    this.after(settings.agentStartMs, () => {
      if (task.lastStatus !== 'RUNNING') return;
      const isGone = settings.outcome === 'agent-stops';
      for (const container of task.containers) {
        container.agentStatus = isGone ? 'STOPPED' : 'RUNNING';
        container.agentReason = isGone ? AGENT_GONE : undefined;
        container.agentStartedAt = this.now();
      }
      onChange();
    });
  }

  #end(task: FleetTask, stopCode: string, reason: string): void {
    task.desiredStatus = 'STOPPED';
    task.lastStatus = 'STOPPED';
    task.stopCode = stopCode;
    task.stoppedReason = reason;
    task.stoppedAt = this.now();
    for (const container of task.containers) {
      container.lastStatus = 'STOPPED';
      if (container.agentStatus !== undefined) container.agentStatus = 'STOPPED';
    }
    this.#onStopped(task);
  }
}
