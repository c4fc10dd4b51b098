import type {
  ContainerDetails,
  MountPoint,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';

/** The paths to which the exec agent writes. AWS does not document them (containers-roadmap issue 2824). */
const PATHS = [
  { name: 'lib', path: '/var/lib/amazon/ssm' },
  { name: 'log', path: '/var/log/amazon/ssm' },
] as const;

/** On Fargate the agent is mounted here, and writes to the same folder. */
const FARGATE_PATH = { name: 'agents', path: '/managed-agents' } as const;

/** An empty volume for one path of one container. */
export interface AgentMount {
  readonly container: string;
  readonly volume: string;
  readonly path: string;
}

/** Whether every path to which the agent writes is in a writable volume. */
export function areAgentPathsWritable(
  mounts: readonly MountPoint[],
  { isFargate }: { readonly isFargate: boolean },
): boolean {
  return pathsOn(isFargate).every(({ path }) => isWritable(path, mounts));
}

/** The volumes that containers with a read-only root file system lack. No two agents share one. */
export function missingMounts(
  { containerDefinitions = [] }: Pick<TaskDefinitionDetails, 'containerDefinitions'>,
  { isFargate }: { readonly isFargate: boolean },
): readonly AgentMount[] {
  return containerDefinitions.flatMap(({ name, readonlyRootFilesystem, mountPoints = [] }) => {
    if (name === undefined || readonlyRootFilesystem !== true) return [];
    return pathsOn(isFargate)
      .filter(({ path }) => !isWritable(path, mountPoints))
      .map(({ name: part, path }) => ({
        container: name,
        volume: `ecs-exec-${name}-${part}`,
        path,
      }));
  });
}

/** The same definition with the volumes mounted, in the parts that the checks read. */
export function withMounts(
  definition: TaskDefinitionDetails,
  mounts: readonly AgentMount[],
): TaskDefinitionDetails {
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions?.map(
      (container): ContainerDetails => ({
        ...container,
        mountPoints: [...(container.mountPoints ?? []), ...mountPointsOf(container.name, mounts)],
      }),
    ),
  };
}

/** `mountPoints[]` of one container. */
export function mountPointsOf(container: string | undefined, mounts: readonly AgentMount[]) {
  return mounts
    .filter((mount) => mount.container === container)
    .map(({ volume, path }) => ({ sourceVolume: volume, containerPath: path }));
}

function pathsOn(isFargate: boolean) {
  return isFargate ? [...PATHS, FARGATE_PATH] : PATHS;
}

function isWritable(path: string, mounts: readonly MountPoint[]): boolean {
  return mounts.some(
    ({ containerPath = '', readOnly }) =>
      readOnly !== true && `${path}/`.startsWith(`${containerPath.replace(/\/$/, '')}/`),
  );
}
