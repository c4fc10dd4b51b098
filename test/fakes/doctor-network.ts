import type {
  IpPermissionDetails,
  RouteDetails,
  VpcEndpointDetails,
} from '#domain/ports/ec2-responses.ts';
import { endpoints, routeTable } from '#test/doctor/checks/network-facts.ts';
import type { World } from './doctor-world.ts';

export type Ec2Answers = NonNullable<NonNullable<World['answers']>['ec2']>;

export const NO_ROUTE = routeTable('route-isolated-main').Routes ?? [];
export const ALL_ENDPOINTS = endpoints('vpc-endpoints-complete');
export const NAT = { NatGatewayId: 'nat-1' };
export const TRANSIT_GATEWAY = { TransitGatewayId: 'tgw-1' };

/** A route to this CIDR block. */
export const to = (DestinationCidrBlock: string, target: RouteDetails): RouteDetails => ({
  DestinationCidrBlock,
  State: 'active',
  ...target,
});

/** All endpoints, with these changes to that of ssmmessages. */
export const messages = (changes: VpcEndpointDetails): readonly VpcEndpointDetails[] =>
  ALL_ENDPOINTS.map((endpoint) =>
    endpoint.ServiceName?.endsWith('.ssmmessages') ? { ...endpoint, ...changes } : endpoint,
  );

/** All endpoints except that of ssmmessages. */
export const WITHOUT_MESSAGES = ALL_ENDPOINTS.filter(
  ({ ServiceName = '' }) => !ServiceName.endsWith('.ssmmessages'),
);

/** By default an isolated subnet with all endpoints. */
export interface Network {
  readonly routes?: readonly RouteDetails[];
  readonly list?: readonly VpcEndpointDetails[];
  readonly ec2?: Ec2Answers;
}

/** A task in this network. */
export function network(
  { routes = NO_ROUTE, list = ALL_ENDPOINTS, ec2 = {} }: Network,
  rest: World = {},
): World {
  return {
    ...rest,
    answers: {
      ec2: {
        describeRouteTable: async () => ({ RouteTableId: 'rtb-1', Routes: routes }),
        describeVpcEndpoints: async () => list,
        ...ec2,
      },
    },
  };
}

/** A rule of a security group for TCP 443. */
export const https = (peers: IpPermissionDetails): IpPermissionDetails => ({
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  ...peers,
});

export const ipv4 = (...blocks: readonly string[]): IpPermissionDetails =>
  https({ IpRanges: blocks.map((CidrIp) => ({ CidrIp })) });

export const ipv6 = (...blocks: readonly string[]): IpPermissionDetails =>
  https({ Ipv6Ranges: blocks.map((CidrIpv6) => ({ CidrIpv6 })) });

/** The outgoing rules of the task's group, and the incoming rules of the endpoints' group. */
export const groups = (
  out: readonly IpPermissionDetails[],
  into: readonly IpPermissionDetails[] = [ipv4('10.0.0.0/16')],
): Ec2Answers => ({
  describeSecurityGroups: async () => [
    { GroupId: 'sg-0task1111111111111', IpPermissionsEgress: out },
    { GroupId: 'sg-0endpoint111111111', IpPermissions: into },
  ],
});
