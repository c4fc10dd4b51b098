import { type Fields, fleetError } from './fleet-fields.ts';

const ROUTES = ['nat', 'internet-gateway', 'transit-gateway', 'blackhole', 'none'] as const;

const ACL_REFUSALS = ['https', 'answers'] as const;

/** A VPC with one subnet, as tasks see it. */
export interface FleetNetwork {
  /** Its ids are made from it. */
  readonly name: string;
  /** Where the default route of the subnet leads. */
  readonly route: (typeof ROUTES)[number];
  readonly hasPublicIp: boolean;
  /** Account that shares the subnet; the fleet's own when undefined. */
  readonly sharedBy: string | undefined;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  /** TCP ports that the security group of the tasks lets out; all when undefined. */
  readonly egressPorts: readonly number[] | undefined;
  /** Packets that the network ACL of the subnet refuses: TCP 443 out of it, or the answers; none when undefined. */
  readonly aclRefuses: (typeof ACL_REFUSALS)[number] | undefined;
  /** The security group of the tasks accepts TCP 443 from its members. */
  readonly admitsItself: boolean;
  readonly endpoints: readonly FleetEndpoint[];
}

export interface FleetEndpoint {
  /** `ssmmessages` of `com.amazonaws.REGION.ssmmessages`. */
  readonly service: string;
  readonly type: string;
  /** In lower case, as EC2 answers. */
  readonly state: string;
  readonly privateDns: boolean;
  /** Whether its security group lets the tasks in. */
  readonly admitsTasks: boolean;
  readonly policy: Readonly<Record<string, unknown>>;
}

/** Private, with a NAT gateway and nothing in the way. */
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
