import { type Fields, fleetError } from './fleet-fields.ts';

const ROUTES = ['nat', 'internet-gateway', 'transit-gateway', 'blackhole', 'none'] as const;

const ACL_REFUSALS = ['https', 'answers'] as const;

/** A VPC with one subnet, as tasks see it. */
export interface FleetNetwork {
  /** The resource ids are derived from it. */
  readonly name: string;
  /** Where the default route of the subnet leads. */
  readonly route: (typeof ROUTES)[number];
  readonly hasPublicIp: boolean;
  /** Account that shares the subnet; undefined means the fleet's own. */
  readonly sharedBy: string | undefined;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  /** TCP ports that the tasks' security group allows out; undefined means all. */
  readonly egressPorts: readonly number[] | undefined;
  /** Packets that the subnet's network ACL denies: TCP 443 out, or the responses. Undefined means none. */
  readonly aclRefuses: (typeof ACL_REFUSALS)[number] | undefined;
  /** The security group of the tasks accepts TCP 443 from its members. */
  readonly admitsItself: boolean;
  readonly endpoints: readonly FleetEndpoint[];
}

export interface FleetEndpoint {
  /** For example `ssmmessages` for `com.amazonaws.REGION.ssmmessages`. */
  readonly service: string;
  readonly type: string;
  /** In lower case, like the responses of EC2. */
  readonly state: string;
  readonly privateDns: boolean;
  /** Whether its security group allows the tasks in. */
  readonly admitsTasks: boolean;
  readonly policy: Readonly<Record<string, unknown>>;
}

/** A private subnet with a NAT gateway and open rules. */
export const DEFAULT_NETWORK: FleetNetwork = {
  name: 'default',
  route: 'nat',
  hasPublicIp: false,
  sharedBy: undefined,
  dnsSupport: true,
  dnsHostnames: true,
  egressPorts: undefined,
  aclRefuses: undefined,
  admitsItself: false,
  endpoints: [],
};

export const OPEN_POLICY = {
  Statement: [{ Action: '*', Effect: 'Allow', Principal: '*', Resource: '*' }],
};

/** @throws EcshError `fleet-invalid` */
export function parseNetwork(fields: Fields, name: string): FleetNetwork {
  const named = fields.text('route') ?? DEFAULT_NETWORK.route;
  const route = ROUTES.find((known) => known === named);
  if (route === undefined) {
    throw fleetError(`${fields.where}.route`, `must be one of ${ROUTES.join(', ')}`);
  }
  const network = {
    name,
    route,
    hasPublicIp: fields.flag('hasPublicIp') ?? false,
    sharedBy: fields.text('sharedBy'),
    dnsSupport: fields.flag('dnsSupport') ?? true,
    dnsHostnames: fields.flag('dnsHostnames') ?? true,
    egressPorts: parsePorts(fields, 'egressPorts'),
    aclRefuses: parseRefusal(fields),
    admitsItself: false,
    endpoints: fields.list('endpoints', parseEndpoint),
  };
  fields.finish();
  return network;
}

function parseRefusal(fields: Fields): FleetNetwork['aclRefuses'] {
  const named = fields.text('aclRefuses');
  const refusal = ACL_REFUSALS.find((known) => known === named);
  if (named === undefined || refusal !== undefined) return refusal;
  throw fleetError(`${fields.where}.aclRefuses`, `must be one of ${ACL_REFUSALS.join(', ')}`);
}

function parsePorts(fields: Fields, name: string): readonly number[] | undefined {
  const value = fields.raw(name);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((port: unknown) => typeof port === 'number'))
    return value;
  throw fleetError(`${fields.where}.${name}`, 'must be a list of numbers');
}

function parseEndpoint(fields: Fields): FleetEndpoint {
  const endpoint = {
    service: fields.requiredText('service'),
    type: fields.text('type') ?? 'Interface',
    state: fields.text('state') ?? 'available',
    privateDns: fields.flag('privateDns') ?? true,
    admitsTasks: fields.flag('admitsTasks') ?? true,
    policy: fields.object('policy')?.all() ?? OPEN_POLICY,
  };
  fields.finish();
  return endpoint;
}
