/** The container that a session is in, by its target string. */
export interface SessionTarget {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly taskId: string;
  readonly runtimeId: string;
}

/** `ecs:CLUSTER_TASK_RUNTIMEID` (PROTOCOL 1.3). Names of clusters may have underscores; the other two have none. */
const TARGET_ID = /^ecs:(.+)_([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([^_]+)$/;

/** The reverse of `targetIdOf`; undefined for a target that is not an ECS container. */
export function parseTargetId(text: string): SessionTarget | undefined {
  const [, cluster, taskId, runtimeId] = TARGET_ID.exec(text) ?? [];
  if (cluster === undefined || taskId === undefined || runtimeId === undefined) return undefined;
  return { cluster, taskId, runtimeId };
}
