import { EcshError } from '#domain/errors/errors.ts';
import { LAUNCH_TYPES, type RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import type { VolumeConfiguration } from '#domain/ports/placement-responses.ts';

/** Where and how ECS places a fresh task, and what it gives it there. */
export type RunPlacement = Pick<
  RunTaskRequest,
  | 'launchType'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'placementConstraints'
  | 'placementStrategy'
  | 'volumeConfigurations'
  | 'networkConfiguration'
  | 'tags'
>;

export interface NetworkAsked {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Undefined: that of the service, or none with `--subnet`. */
  readonly publicIp: boolean | undefined;
}

/**
 * Places a task like those of a service, or as its definition and the flags say.
 *
 * @throws EcshError `network-unknown`
 */
export function placementOf(
  service: ServiceDetails | undefined,
  asked: NetworkAsked,
  definition: TaskDefinitionDetails,
): RunPlacement {
  const tags = (service?.tags ?? []).flatMap(({ key, value = '' }) =>
    // Names that begin with aws: are reserved for AWS.
    key === undefined || /^aws:/i.test(key) ? [] : [{ key, value }],
  );
  return {
    ...capacityOf(service, definition),
    ...platformOf(service),
    ...instancesOf(service),
    ...volumesOf(service, definition),
    ...networkOf(service, asked, definition),
    tags,
  };
}

/**
 * A strategy or a launch type, never both (ECS API, RunTask). Managed Instances only accept a strategy,
 * which their services have.
 */
function capacityOf(
  service: ServiceDetails | undefined,
  definition: TaskDefinitionDetails,
): Pick<RunPlacement, 'capacityProviderStrategy' | 'launchType'> {
  const strategy = (service?.capacityProviderStrategy ?? []).flatMap(
    ({ capacityProvider, ...weights }) =>
      capacityProvider === undefined ? [] : [{ capacityProvider, ...weights }],
  );
  if (strategy.length > 0) return { capacityProviderStrategy: strategy };
  const launchType = LAUNCH_TYPES.find((type) => type === service?.launchType);
  return {
    launchType: launchType ?? (service === undefined ? launchTypeFor(definition) : undefined),
  };
}

/** The instances that a service on EC2 chooses, for example those with a GPU. */
function instancesOf(
  service: ServiceDetails | undefined,
): Pick<RunPlacement, 'placementConstraints' | 'placementStrategy'> {
  const { placementConstraints = [], placementStrategy = [] } = service ?? {};
  return {
    ...(placementConstraints.length === 0
      ? {}
      : { placementConstraints: [...placementConstraints] }),
    ...(placementStrategy.length === 0 ? {} : { placementStrategy: [...placementStrategy] }),
  };
}

/** RunTask refuses a definition without a configuration for each volume that it leaves to the launch. */
function volumesOf(
  service: ServiceDetails | undefined,
  definition: TaskDefinitionDetails,
): Pick<RunPlacement, 'volumeConfigurations'> {
  const names = (definition.volumes ?? []).flatMap(({ name, configuredAtLaunch }) =>
    configuredAtLaunch === true && name !== undefined ? [name] : [],
  );
  const deployment = service?.deployments?.find(({ status }) => status === 'PRIMARY');
  const volumes = (deployment?.volumeConfigurations ?? []).filter(({ name = '' }) =>
    names.includes(name),
  );
  return volumes.length === 0 ? {} : { volumeConfigurations: volumes.map(ofTask) };
}

/** The tags of a service propagate to the volumes of its own tasks only. */
function ofTask({ name, managedEBSVolume: volume }: VolumeConfiguration): VolumeConfiguration {
  if (volume?.tagSpecifications === undefined) return { name, managedEBSVolume: volume };
  const tagSpecifications = volume.tagSpecifications.map(({ propagateTags, ...tags }) =>
    propagateTags === 'SERVICE' ? tags : { ...tags, propagateTags },
  );
  return { name, managedEBSVolume: { ...volume, tagSpecifications } };
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
  { subnets, securityGroups, publicIp }: NetworkAsked,
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
