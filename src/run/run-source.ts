import { EcshError } from '#domain/errors/errors.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { isFullTaskId, parseTarget } from '#domain/resolve/target.ts';
import { type NetworkAsked, placementOf, type RunPlacement } from './run-placement.ts';

/** The parts of a fresh task: a definition, and where and how to place it. */
export interface RunSource {
  readonly cluster: string;
  readonly definition: TaskDefinitionDetails;
  /** The service whose configuration the task uses; undefined with `--subnet`. */
  readonly service: string | undefined;
  readonly placement: RunPlacement;
}

export interface RunPlace extends NetworkAsked {
  readonly target: string;
  /** The revision of a `family:` target; undefined: its newest. */
  readonly revision: string | undefined;
  readonly cluster: string | undefined;
  /** The service whose network and capacity a `family:` target uses. */
  readonly like: string | undefined;
}

/** Returns `family:NAME:REVISION` without its revision, as every other command reads a target. */
export function splitRevision(target: string): Pick<RunPlace, 'target' | 'revision'> {
  const [, family, revision, container = ''] =
    /^((?:[^@]*\/)?family:[^:@]+):(\d+)(@.*)?$/.exec(target) ?? [];
  return family === undefined
    ? { target, revision }
    : { target: `${family}${container}`, revision };
}

/**
 * Finds the source of the task: the service's own definition, network, capacity, platform and tags; or the newest
 * revision of `family:NAME[:REVISION]`, placed like a service or according to the flags.
 *
 * @throws EcshError `service-not-found`, `family-not-found`, `network-unknown`, `usage`
 */
export async function findRunSource(ecs: EcsDetailsApi, place: RunPlace): Promise<RunSource> {
  const target = parseTarget(place.target);
  const cluster = target.cluster ?? place.cluster ?? 'default';
  if (target.kind === 'task') throw taskIsNoSource(place.target);
  if (target.kind === 'family') {
    const { revision } = place;
    const name = revision === undefined ? target.family : `${target.family}:${revision}`;
    const definition = await definitionOf(ecs, name);
    const service =
      place.like === undefined ? undefined : await serviceOf(ecs, cluster, place.like);
    return {
      cluster,
      definition,
      service: place.like,
      placement: placementOf(service, place, definition),
    };
  }
  const name = target.kind === 'service' ? target.service : target.name;
  if (isFullTaskId(name)) throw taskIsNoSource(place.target);
  const service = await serviceOf(ecs, cluster, name);
  const definition = await definitionOf(ecs, service.taskDefinition ?? name);
  return { cluster, definition, service: name, placement: placementOf(service, place, definition) };
}

async function serviceOf(
  ecs: EcsDetailsApi,
  cluster: string,
  name: string,
): Promise<ServiceDetails> {
  const service = await ecs.describeService(cluster, name);
  if (service !== undefined) return service;
  throw new EcshError('service-not-found', `Cluster ${cluster} has no service "${name}".`, {
    hint: `List them:  ecsh ls ${cluster}`,
  });
}

async function definitionOf(ecs: EcsDetailsApi, name: string): Promise<TaskDefinitionDetails> {
  const definition = await ecs.describeTaskDefinition(name);
  if (definition !== undefined) return definition;
  throw new EcshError('family-not-found', `There is no task definition "${name}".`, {
    hint: 'Name a family, or FAMILY:REVISION.',
  });
}

function taskIsNoSource(target: string): EcshError {
  return new EcshError(
    'usage',
    `ecsh run starts a fresh task, and "${target}" is one that exists.`,
    {
      hint: 'Name its service, or family:NAME. To run the command in this task:  ecsh exec',
    },
  );
}
