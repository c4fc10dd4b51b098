import { EcshError } from '#domain/errors/errors.ts';
import type { ContainerOverride, RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import type { ContainerDetails } from '#domain/ports/ecs-responses.ts';
import { familyOf } from '#domain/resolve/arn.ts';
import { sidecarFeature } from '#domain/resolve/selection.ts';
import type { RunSource } from './run-source.ts';

/** Marks our tasks in DescribeTasks and for `ecsh run --cleanup`. */
export const RUN_STARTED_BY = 'ecsh-run';

/** Tags of a task of `ecsh run`. */
export const RUN_TAGS = {
  /** The service that the task is a copy of, or `family:NAME`, for cost reports. */
  source: 'ecsh:run',
  /** The client token. It finds the task if RunTask's answer is lost. */
  token: 'ecsh:run-id',
  /** The container whose main program is the command, with `--detach`. */
  detached: 'ecsh:run-detached',
  /** The image of `--image`. The task's own revision is deregistered when the task has ended. */
  image: 'ecsh:run-image',
} as const;

export interface RunOverridesAsked {
  readonly cpu: string | undefined;
  readonly memory: string | undefined;
  readonly taskRole: string | undefined;
  /** Variables of the container, readable by everyone who can describe the task. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunTaskPlan {
  readonly source: RunSource;
  readonly container: string;
  /** The program of the container. */
  readonly command: readonly string[];
  /** Whether the command is the container's main program, and runs to its end without ecsh. */
  readonly isDetached: boolean;
  /** The image of `--image`; `source` then names the revision that was registered for it. */
  readonly image: string | undefined;
  readonly overrides: RunOverridesAsked;
  readonly clientToken: string;
}

/**
 * Keeps the container waiting for `ecsh exec`. It exits after `ttlSeconds` even if ecsh, its watcher
 * and the network are gone, and at once on SIGTERM, so that StopTask does not take 30 s.
 */
export function holdCommand(ttlSeconds: number): readonly string[] {
  return ['sh', '-c', `trap 'exit 0' TERM INT; sleep ${ttlSeconds} & wait $!`];
}

function sourceName({ service, definition }: RunSource): string {
  const { family = familyOf(definition.taskDefinitionArn ?? '') } = definition;
  return service ?? `family:${family}`;
}

/** RunTask for one fresh task, with ECS Exec on if the command needs it or a task role allows it. */
export function runTaskRequest(plan: RunTaskPlan): RunTaskRequest {
  const { source, container, command, isDetached, image, overrides, clientToken } = plan;
  const { tags = [], ...placement } = source.placement;
  const marks = {
    [RUN_TAGS.source]: sourceName(source),
    [RUN_TAGS.token]: clientToken,
    ...(isDetached ? { [RUN_TAGS.detached]: container } : {}),
    ...(image === undefined ? {} : { [RUN_TAGS.image]: image }),
  };
  const taskRole = overrides.taskRole ?? source.definition.taskRoleArn;
  const override: ContainerOverride = {
    name: container,
    command: [...command],
    ...environmentOf(overrides.environment),
  };
  return {
    cluster: source.cluster,
    taskDefinition: source.definition.taskDefinitionArn ?? source.definition.family ?? '',
    ...placement,
    overrides: {
      containerOverrides: [override],
      ...(overrides.cpu === undefined ? {} : { cpu: overrides.cpu }),
      ...(overrides.memory === undefined ? {} : { memory: overrides.memory }),
      ...(overrides.taskRole === undefined ? {} : { taskRoleArn: overrides.taskRole }),
    },
    tags: [...tags, ...Object.entries(marks).map(([key, value]) => ({ key, value }))],
    // ECS refuses ECS Exec without a task role.
    enableExecuteCommand: !isDetached || taskRole !== undefined,
    startedBy: RUN_STARTED_BY,
    clientToken,
  };
}

function environmentOf(variables: Readonly<Record<string, string>>) {
  const environment = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return environment.length === 0 ? {} : { environment };
}

/**
 * The container that runs the command, chosen like in `ecsh exec`: the named one, the only one, the one named like the
 * service or family, or the only essential one.
 *
 * @throws EcshError `container-not-found`, `container-ambiguous`
 */
export function runContainer(
  { definition, service }: RunSource,
  asked: string | undefined,
): string {
  const all = definition.containerDefinitions ?? [];
  const containers = all.filter(({ name = '' }) => sidecarFeature(name) === undefined);
  const names = containers.flatMap(({ name }) => name ?? []);
  if (asked !== undefined) {
    if (all.some(({ name }) => name === asked)) return asked;
    throw new EcshError('container-not-found', `The task definition has no container "${asked}".`, {
      hint: `It has: ${names.join(', ')}.`,
    });
  }
  const family = definition.family ?? familyOf(definition.taskDefinitionArn ?? '');
  const namesake = [service, family].find((name) => name !== undefined && names.includes(name));
  const essentials = containers.filter(isEssential).flatMap(({ name }) => name ?? []);
  const chosen =
    (names.length === 1 ? names[0] : undefined) ??
    namesake ??
    (essentials.length === 1 ? essentials[0] : undefined);
  if (chosen !== undefined) return chosen;
  throw new EcshError('container-ambiguous', 'The task definition has several containers.', {
    hint: `Choose the one that runs the command with -c: ${names.join(', ')}.`,
  });
}

/** Containers are essential unless the definition says otherwise (ECS API, ContainerDefinition). */
function isEssential({ essential }: ContainerDetails): boolean {
  return essential ?? true;
}
