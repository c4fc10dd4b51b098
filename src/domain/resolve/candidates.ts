import { sidecarFeature } from './selection.ts';
import type { Container, Task } from './task.ts';

/** Name of the managed agent in DescribeTasks. */
const EXEC_AGENT = 'ExecuteCommandAgent';

export interface RankedTasks {
  /** Best first. */
  readonly tasks: readonly Task[];
  readonly running: number;
  /** Running, with a running exec agent. */
  readonly ready: number;
}

/** Status of the exec agent in a container; undefined if ECS added none. */
export function execAgent(container: Container) {
  return container.managedAgents.find(({ name }) => name === EXEC_AGENT);
}

/**
 * Orders tasks by how likely a session works: RUNNING with a RUNNING exec agent, then RUNNING, then
 * the rest; the newest first (DESIGN 1). `containerName` is the container that needs the agent, if known.
 */
export function rankTasks(tasks: readonly Task[], containerName?: string): RankedTasks {
  const ranked = tasks.map((task) => ({ task, rank: rank(task, containerName) }));
  return {
    tasks: ranked
      .toSorted((a, b) => a.rank - b.rank || startOf(b.task) - startOf(a.task))
      .map(({ task }) => task),
    running: ranked.filter((entry) => entry.rank <= 2).length,
    ready: ranked.filter((entry) => entry.rank === 0).length,
  };
}

function rank(task: Task, containerName: string | undefined): number {
  if (task.lastStatus !== 'RUNNING') return 3;
  // ECS has asked it to stop, so a session would soon be cut off.
  if (task.desiredStatus === 'STOPPED') return 2;
  const targets = task.containers.filter(({ name }) =>
    containerName === undefined ? sidecarFeature(name) === undefined : name === containerName,
  );
  return targets.some((container) => execAgent(container)?.lastStatus === 'RUNNING') ? 0 : 1;
}

function startOf(task: Task): number {
  return (task.startedAt ?? task.createdAt)?.getTime() ?? 0;
}
