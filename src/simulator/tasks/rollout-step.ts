import type { FleetDeployment, FleetService, FleetTask } from '#simulator/fleet/fleet.ts';
import { healthOf } from './health-check.ts';

/** The next tasks that a rolling deployment starts and stops. */
export interface RolloutStep {
  /** How many tasks to start; none if it is 0 or less. */
  readonly starting: number;
  readonly stopping: readonly FleetTask[];
  /** The desired number of tasks is healthy, and all of them belong to this deployment. */
  readonly isComplete: boolean;
}

/** Starts and stops as many tasks as the service's two percentages allow. */
export function rolloutStep(
  service: FleetService,
  deployment: FleetDeployment,
  isProtected: (task: FleetTask) => boolean,
): RolloutStep {
  const { desiredCount } = service;
  const { minimumHealthyPercent, maximumPercent } = service.deploymentConfiguration;
  const kept = service.tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  const fresh = kept.filter(({ startedBy }) => startedBy === deployment.id);
  const old = kept.filter(({ startedBy }) => startedBy !== deployment.id);
  const healthy = fresh.filter(isHealthy);
  const least = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
  const most = Math.floor((desiredCount * maximumPercent) / 100);
  const room = Math.min(desiredCount - fresh.length, most - kept.length);
  const surplus = Math.min(old.length, Math.max(0, old.length + healthy.length - least));
  // Stop first, then start, if there is no room for more (DAEMON, maximum 100 %).
  const isBlocked = room <= 0 && fresh.length === 0;
  const stopping = healthy.length > 0 || isBlocked ? surplus : 0;
  return {
    starting: room,
    stopping: old.filter((task) => !isProtected(task)).slice(0, stopping),
    isComplete: old.length === 0 && healthy.length === desiredCount,
  };
}

function isHealthy(task: FleetTask): boolean {
  const health = healthOf(task);
  return task.lastStatus === 'RUNNING' && (health === undefined || health === 'HEALTHY');
}
