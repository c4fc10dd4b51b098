import type { Fields } from './fleet-fields.ts';
import { DEFAULT_NETWORK, type FleetNetwork, parseNetwork } from './fleet-network.ts';

type ApiFields = Readonly<Record<string, unknown>>;

/** The task definition of a task, and where the task runs. */
export interface FleetPlacement {
  /** Fields of the task definition by their API names; null removes a default. */
  readonly taskDefinition: ApiFields;
  /** The task's overrides by their API names. */
  readonly overrides: ApiFields;
  readonly platformFamily: string;
  readonly capacityProvider: string | undefined;
  readonly network: FleetNetwork;
  /** The EC2 instance that it runs on. */
  readonly instance: FleetInstance;
}

export interface FleetInstance {
  /** The resource ids are derived from it. */
  readonly name: string;
  /** ACTIVE or DRAINING. */
  readonly status: string;
  readonly agentVersion: string;
  readonly agentConnected: boolean;
  /** Name of the image. */
  readonly image: string;
  readonly osType: string;
  readonly osFamily: string;
  /** Name of its role; undefined means no instance profile. */
  readonly role: string | undefined;
}

const DEFAULT_INSTANCE: FleetInstance = {
  name: 'default',
  status: 'ACTIVE',
  agentVersion: '1.98.0',
  agentConnected: true,
  image: 'al2023-ami-ecs-hvm-2023.0.20260101-kernel-6.1-x86_64-ebs',
  osType: 'linux',
  osFamily: 'LINUX',
  role: 'ecsInstanceRole',
};

const DEFAULT_PLACEMENT: FleetPlacement = {
  taskDefinition: {},
  overrides: {},
  platformFamily: 'Linux',
  capacityProvider: undefined,
  network: DEFAULT_NETWORK,
  instance: DEFAULT_INSTANCE,
};

/** Parses the placement of a service or task; a task inherits what it does not set. */
export function parsePlacement(
  fields: Fields,
  inherited: FleetPlacement = DEFAULT_PLACEMENT,
): FleetPlacement {
  const network = fields.object('network');
  const instance = fields.object('instance');
  return {
    taskDefinition: { ...inherited.taskDefinition, ...fields.object('taskDefinition')?.all() },
    overrides: { ...inherited.overrides, ...fields.object('overrides')?.all() },
    platformFamily: fields.text('platformFamily') ?? inherited.platformFamily,
    capacityProvider: fields.text('capacityProvider') ?? inherited.capacityProvider,
    network: network === undefined ? inherited.network : parseNetwork(network, fields.where),
    instance: instance === undefined ? inherited.instance : parseInstance(instance, fields.where),
  };
}

function parseInstance(fields: Fields, name: string): FleetInstance {
  const usual = DEFAULT_INSTANCE;
  const instance = {
    name,
    status: fields.text('status') ?? usual.status,
    agentVersion: fields.text('agentVersion') ?? usual.agentVersion,
    agentConnected: fields.flag('agentConnected') ?? usual.agentConnected,
    image: fields.text('image') ?? usual.image,
    osType: fields.text('osType') ?? usual.osType,
    osFamily: fields.text('osFamily') ?? usual.osFamily,
    role: fields.raw('role') === '' ? undefined : (fields.text('role') ?? usual.role),
  };
  fields.finish();
  return instance;
}
