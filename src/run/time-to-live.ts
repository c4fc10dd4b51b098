import type { Task } from '#domain/resolve/task.ts';

/** ECS reports RUNNING up to this long after the container has started to wait (ms). */
const REPORTED_LATE_MS = 5_000;

/**
 * Whether a stopped task of `ecsh run` has reached its `--ttl`: then the program that waits for the command has exited
 * with 0, and the task has run that long.
 */
export function hasReachedTtl(
  { containers, createdAt, startedAt, stoppedAt }: Task,
  { container, ttlMs, now }: { container: string; ttlMs: number; now: number },
): boolean {
  const waiting = containers.find(({ name }) => name === container);
  if (waiting?.exitCode !== 0 || startedAt === undefined) return false;
  const othersFailed = containers.some(
    ({ name, exitCode = 0 }) => name !== container && ![0, 137, 143].includes(exitCode),
  );
  if (othersFailed) return false;
  const end = stoppedAt?.getTime() ?? now;
  const age = end - (createdAt ?? startedAt).getTime();
  return age >= ttlMs && end - startedAt.getTime() >= ttlMs - REPORTED_LATE_MS;
}
