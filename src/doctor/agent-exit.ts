import type { TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import type { ExitCause } from '#domain/readiness/agent-reason.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import type { Container, Task } from '#domain/resolve/task.ts';

/** Memory (MiB) below which the agent may be killed. */
export const ENOUGH_MEMORY = 128;

/** Reasons for an exit of the exec agent that the container definition rules out. */
export function ruledOutBy(
  taskDefinition: TaskDefinitionDetails | undefined,
  container: Container | undefined,
): readonly ExitCause[] {
  const definition = taskDefinition?.containerDefinitions?.find(
    ({ name }) => name === container?.name,
  );
  if (definition === undefined || container === undefined) return [];
  const { readonlyRootFilesystem, linuxParameters, memory } = definition;
  const isWindows = /windows/i.test(taskDefinition?.runtimePlatform?.operatingSystemFamily ?? '');
  const drop = linuxParameters?.capabilities?.drop ?? [];
  const hasMemory = memory === undefined || memory >= ENOUGH_MEMORY;
  return [
    ...(isWindows || readonlyRootFilesystem !== true ? (['read-only root'] as const) : []),
    ...(isWindows || !dropsAll(drop) ? (['capabilities'] as const) : []),
    ...(hasMemory && !wasKilled(container) ? (['memory'] as const) : []),
  ];
}

export function dropsAll(drop: readonly string[]): boolean {
  return drop.some((capability) => capability.toUpperCase() === 'ALL');
}

/** SIGKILL, which the kernel sends when memory runs out. */
export function wasKilled(container: Container): boolean {
  return /exited with exit code: 137\b/.test(execAgent(container)?.reason ?? '');
}

/** The exec agent has exited or could not be kept running, in a container that itself runs. */
export function isAgentDown(container: Container, { lastStatus }: Task): boolean {
  return lastStatus === 'RUNNING' && execAgent(container)?.lastStatus === 'STOPPED';
}

/** It ran, and then exited. */
export function hasExited(container: Container): boolean {
  return /process exited with exit code/i.test(execAgent(container)?.reason ?? '');
}
