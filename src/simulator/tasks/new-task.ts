import { randomBytes, randomInt } from 'node:crypto';
import type { FleetTask } from '#simulator/fleet/fleet.ts';
import type { FleetPlacement } from '#simulator/fleet/fleet-placement.ts';

/** Settings of a new task; the rest comes from its task definition. */
export interface NewTask {
  readonly startedBy: string | undefined;
  readonly group: string;
  readonly launchType: string;
  readonly platformVersion: string;
  readonly isExecEnabled: boolean;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Default: the tags of the template. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly placement?: FleetPlacement;
}

/** Creates a task with the same containers, which has not started yet. */
export function taskLike(template: FleetTask, settings: NewTask): FleetTask {
  const id = randomBytes(16).toString('hex');
  return {
    ...template,
    id,
    group: settings.group,
    launchType: settings.launchType,
    platformVersion: settings.platformVersion,
    startedBy: settings.startedBy,
    enableExecuteCommand: settings.isExecEnabled,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    stopCode: undefined,
    stoppedReason: undefined,
    createdAt: settings.now,
    startedAt: undefined,
    stoppedAt: undefined,
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    stoppingAt: undefined,
    executionStoppedAt: undefined,
    protectedUntil: undefined,
    tags: settings.tags ?? template.tags,
    placement: settings.placement ?? template.placement,
    containers: template.containers.map((container) => ({
      ...container,
      lastStatus: 'PENDING',
      exitCode: undefined,
      reason: undefined,
      healthStatus: 'UNKNOWN',
      runtimeId: `${id}-${randomInt(1_000_000_000, 4_000_000_000)}`,
      agentStatus: settings.isExecEnabled ? 'PENDING' : undefined,
      agentReason: undefined,
      isConnected: undefined,
      sessions: [],
      agentStartedAt: undefined,
    })),
  };
}
