import { EcshError } from '#domain/errors/errors.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { LAUNCH_TYPES } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { isFullTaskId, parseTarget } from '#domain/resolve/target.ts';

/** The parts of a fresh task: a definition, and where and how to place it. */
export interface RunSource {
  readonly cluster: string;
  readonly definition: TaskDefinitionDetails;
  /** The service whose configuration the task uses; undefined with `--subnet`. */
  readonly service: string | undefined;
  readonly placement: Pick<
    RunTaskRequest,
    'launchType' | 'capacityProviderStrategy' | 'platformVersion' | 'networkConfiguration' | 'tags'
  >;
}

export interface RunPlace {
  readonly target: string;
  /** The revision of a `family:` target; undefined: its newest. */
  readonly revision: string | undefined;
  readonly cluster: string | undefined;
  /** The service whose network and capacity a `family:` target uses. */
  readonly like: string | undefined;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Undefined: that of the service, or none with `--subnet`. */
  readonly publicIp: boolean | undefined;
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

/**
 * A strategy or a launch type, never both (ECS API, RunTask). Managed Instances only accept a strategy,
 * which their services have.
 */
function placementOf(
  service: ServiceDetails | undefined,
  place: RunPlace,
  definition: TaskDefinitionDetails,
): RunSource['placement'] {
  const strategy = (service?.capacityProviderStrategy ?? []).flatMap(
    ({ capacityProvider, ...weights }) =>
      capacityProvider === undefined ? [] : [{ capacityProvider, ...weights }],
  );
  const launchType = LAUNCH_TYPES.find((type) => type === service?.launchType);
  const capacity =
    strategy.length > 0
      ? { capacityProviderStrategy: strategy }
      : {
          launchType: launchType ?? (service === undefined ? launchTypeFor(definition) : undefined),
        };
  const tags = (service?.tags ?? []).flatMap(({ key, value = '' }) =>
    // Names that begin with aws: are reserved for AWS.
    key === undefined || /^aws:/i.test(key) ? [] : [{ key, value }],
  );
  return {
    ...capacity,
    ...platformOf(service),
    ...networkOf(service, place, definition),
    tags,
  };
}

/** Only Fargate has platform versions: RunTask refuses one for other capacity. */
function platformOf(service: ServiceDetails | undefined): Pick<RunTaskRequest, 'platformVersion'> {
  const { platformVersion, launchType = 'FARGATE', capacityProviderStrategy = [] } = service ?? {};
  const providers = capacityProviderStrategy.map(({ capacityProvider = '' }) => capacityProvider);
  const isFargate =
    providers.length > 0
      ? providers.some((name) => /^FARGATE(?:_SPOT)?$/.test(name))
      : launchType === 'FARGATE';
  return platformVersion === undefined || !isFargate ? {} : { platformVersion };
}

/**
 * Without a service. Fargate only runs awsvpc mode. Undefined for Managed Instances: the default strategy of the
 * cluster must name them.
 */
function launchTypeFor({
  requiresCompatibilities: types = [],
  networkMode,
}: TaskDefinitionDetails): RunTaskRequest['launchType'] {
  const isForFargate = types.length === 0 || types.includes('FARGATE');
  if (networkMode === 'awsvpc' && isForFargate) return 'FARGATE';
  if (types.includes('EXTERNAL')) return 'EXTERNAL';
  return types.includes('MANAGED_INSTANCES') && !types.includes('EC2') ? undefined : 'EC2';
}

function networkOf(
  service: ServiceDetails | undefined,
  { subnets, securityGroups, publicIp }: RunPlace,
  { networkMode }: TaskDefinitionDetails,
): Pick<RunTaskRequest, 'networkConfiguration'> {
  if (networkMode !== 'awsvpc') return {};
  const own = service?.networkConfiguration?.awsvpcConfiguration;
  const chosen = subnets.length > 0 ? subnets : (own?.subnets ?? []);
  if (chosen.length === 0) throw networkUnknown();
  const groups = securityGroups.length > 0 ? securityGroups : (own?.securityGroups ?? []);
  const isPublic = publicIp ?? own?.assignPublicIp === 'ENABLED';
  return {
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...chosen],
        securityGroups: [...groups],
        assignPublicIp: isPublic ? 'ENABLED' : 'DISABLED',
      },
    },
  };
}

function networkUnknown(): EcshError {
  return new EcshError('network-unknown', 'ecsh does not know which network the task belongs in.', {
    hint: 'Name a service that has it with --like SERVICE, or give --subnet and --security-group.',
    exitCode: 255,
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
