import { describe, expect, it } from 'vitest';
import { riskOf } from '#doctor/connection-path.ts';
import { primaryOf } from '#doctor/primary.ts';
import type {
  IpPermissionDetails,
  RouteDetails,
  VpcEndpointDetails,
} from '#domain/ports/ec2-responses.ts';
import { diagnosisOf, NETWORK_INTERFACE, TASK, type World } from '#test/fakes/doctor-world.ts';
import { endpoints, routeTable } from './network-facts.ts';

type Ec2 = NonNullable<NonNullable<World['answers']>['ec2']>;

const NAT = routeTable('route-nat').Routes ?? [];
const NO_ROUTE = routeTable('route-isolated-main').Routes ?? [];
const messages = (changes: VpcEndpointDetails) =>
  endpoints('vpc-endpoints-complete').map((endpoint) =>
    endpoint.ServiceName?.endsWith('.ssmmessages') ? { ...endpoint, ...changes } : endpoint,
  );
const to = (block: string, target: RouteDetails) => ({
  DestinationCidrBlock: block,
  State: 'active',
  ...target,
});
const network = (
  routes: readonly RouteDetails[],
  list: readonly VpcEndpointDetails[],
  ec2: Ec2 = {},
): World => ({
  answers: {
    ec2: {
      describeRouteTable: async () => ({ RouteTableId: 'rtb-1', Routes: routes }),
      describeVpcEndpoints: async () => list,
      ...ec2,
    },
  },
});
const https = (peers: IpPermissionDetails): IpPermissionDetails => ({
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  ...peers,
});
const ipv4 = (...blocks: string[]) => https({ IpRanges: blocks.map((CidrIp) => ({ CidrIp })) });
const ipv6 = (...blocks: string[]) =>
  https({ Ipv6Ranges: blocks.map((CidrIpv6) => ({ CidrIpv6 })) });
const groups = (out: IpPermissionDetails, into = ipv4('10.0.0.0/16')): Ec2 => ({
  describeSecurityGroups: async () => [
    { GroupId: 'sg-0task1111111111111', IpPermissionsEgress: [out] },
    { GroupId: 'sg-0endpoint111111111', IpPermissions: [into] },
  ],
});

const ADDRESS = '2600:1f18::10';
const DUAL_STACK = { IpAddressType: 'dualstack', DnsOptions: { DnsRecordIpType: 'dualstack' } };

/** A task without an IPv4 address, in a subnet without a route. */
function ipv6Only(
  out: IpPermissionDetails,
  into: IpPermissionDetails,
  endpoint: VpcEndpointDetails = DUAL_STACK,
): World {
  const { privateIPv4Address: _, ...details } = NETWORK_INTERFACE.details;
  const attachment = { ...NETWORK_INTERFACE, details: { ...details, ipv6Address: ADDRESS } };
  const ec2: Ec2 = {
    ...groups(out, into),
    describeNetworkInterface: async () => ({
      NetworkInterfaceId: 'eni-1',
      Ipv6Addresses: [{ Ipv6Address: ADDRESS }],
      Groups: [{ GroupId: 'sg-0task1111111111111' }],
    }),
    describeSubnet: async () => ({
      SubnetId: 'subnet-0aaa1111bbbb2222c',
      VpcId: 'vpc-0123456789abcdef0',
      OwnerId: '123456789012',
      Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2600:1f18::/64' }],
    }),
  };
  return {
    ...network(NO_ROUTE, messages(endpoint), ec2),
    task: { ...TASK, attachments: [attachment] },
  };
}

async function verdict(world: World) {
  const { isReady, results } = await diagnosisOf(world);
  const lead = primaryOf(results) ?? riskOf(results);
  return `${isReady ? 'ready' : 'not ready'}: ${lead?.id ?? '-'}`;
}

describe('an IPv6-only task', () => {
  const ALL = ipv6('::/0');
  it.each<[string, World, string]>([
    ['an endpoint that admits all of IPv6', ipv6Only(ALL, ALL), 'ready: -'],
    ['an endpoint that admits its subnet', ipv6Only(ALL, ipv6('2600:1f18::/64')), 'ready: -'],
    [
      'an endpoint that admits IPv4 alone',
      ipv6Only(ALL, ipv4('0.0.0.0/0')),
      'not ready: security-groups',
    ],
    ['a group that lets the VPC be reached', ipv6Only(ipv6('2600:1f18::/56'), ALL), 'ready: -'],
    [
      'a group that lets out IPv4 alone',
      ipv6Only(ipv4('0.0.0.0/0'), ALL),
      'not ready: security-groups',
    ],
    [
      'an endpoint whose names have IPv4 addresses alone',
      ipv6Only(ALL, ALL, { IpAddressType: 'dualstack', DnsOptions: { DnsRecordIpType: 'ipv4' } }),
      'not ready: vpce-usable',
    ],
  ])('with %s', async (_name, world, expected) => {
    expect(await verdict(world)).toBe(expected);
  });
});

it('an endpoint with IPv6 addresses alone is of no use to a task with IPv4', async () => {
  const endpoint = messages({ IpAddressType: 'ipv6' });
  expect(await verdict(network(NO_ROUTE, endpoint))).toBe('not ready: vpce-usable');
  expect(await verdict(network(NAT, endpoint))).toBe('ready: -');
});

it('a group that lets both halves of IPv4 out lets everything out', async () => {
  const { of } = await diagnosisOf(network(NAT, [], groups(ipv4('0.0.0.0/1', '128.0.0.0/1'))));
  expect(of('security-groups').status).toBe('pass');
});

describe('a way out for some addresses', () => {
  const HALF = [
    to('0.0.0.0/1', { NatGatewayId: 'nat-1' }),
    { ...to('128.0.0.0/1', { NatGatewayId: 'nat-2' }), State: 'blackhole' },
  ];
  const EGRESS_ONLY: RouteDetails = {
    DestinationIpv6CidrBlock: '::/0',
    EgressOnlyInternetGatewayId: 'eigw-1',
    State: 'active',
  };
  const dualStack: Ec2 = {
    describeNetworkInterface: async () => ({
      NetworkInterfaceId: 'eni-1',
      PrivateIpAddress: '10.0.12.34',
      Ipv6Addresses: [{ Ipv6Address: ADDRESS }],
      Groups: [{ GroupId: 'sg-0task1111111111111' }],
    }),
  };

  it.each<[string, World, string]>([
    ['half of which is a black hole', network(HALF, []), 'ready: egress-route'],
    ['beside an endpoint', network(HALF, messages({})), 'ready: -'],
    [
      'of IPv6, for a task that has both',
      network([...NO_ROUTE, EGRESS_ONLY], [], dualStack),
      'ready: egress-route',
    ],
  ])('%s', async (_name, world, expected) => {
    expect(await verdict(world)).toBe(expected);
  });
});

describe('the policy of an endpoint with conditions', () => {
  const allowIf = (Condition: object): VpcEndpointDetails => ({
    PolicyDocument: JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', Condition }],
    }),
  });
  it.each<[string, object, string]>([
    ['its own VPC', { StringEquals: { 'aws:SourceVpc': 'vpc-0123456789abcdef0' } }, 'ready pass'],
    ['another VPC', { StringEquals: { 'aws:SourceVpc': 'vpc-99' } }, 'not ready fail'],
    ['itself', { StringEquals: { 'aws:SourceVpce': 'vpce-00000000000000003' } }, 'ready pass'],
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, 'ready pass'],
    [
      'the account of the role',
      { StringEquals: { 'aws:PrincipalAccount': '123456789012' } },
      'ready pass',
    ],
    [
      'another account',
      { StringEquals: { 'aws:PrincipalAccount': '999999999999' } },
      'not ready fail',
    ],
    ['what cannot be known', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, 'ready unknown'],
  ])('on %s', async (_name, condition, expected) => {
    const { isReady, of } = await diagnosisOf(network(NO_ROUTE, messages(allowIf(condition))));
    expect(`${isReady ? 'ready' : 'not ready'} ${of('vpce-usable').status}`).toBe(expected);
  });
});
