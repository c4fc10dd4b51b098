import { describe, expect, it } from 'vitest';
import { primaryOf } from '#doctor/primary.ts';
import type { RouteDetails, VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import { ALL_ENDPOINTS, type Ec2Answers, NO_ROUTE, to } from '#test/fakes/doctor-network.ts';
import { leadOf } from '#test/fakes/doctor-verdict.ts';
import {
  clusterIn,
  DENIED,
  denied,
  diagnosisOf,
  EC2_TASK,
  KEY,
  NETWORK_INTERFACE,
  TASK,
  type World,
} from '#test/fakes/doctor-world.ts';
import { networkInterface, routeTable } from './network-facts.ts';

const isFor = (service: string) => (endpoint: VpcEndpointDetails) =>
  endpoint.ServiceName?.endsWith(`.${service}`) === true;
const changed = (service: string, changes: VpcEndpointDetails) =>
  ALL_ENDPOINTS.map((endpoint) =>
    isFor(service)(endpoint) ? { ...endpoint, ...changes } : endpoint,
  );
const without = (service: string) => ALL_ENDPOINTS.filter((endpoint) => !isFor(service)(endpoint));

const NAT = routeTable('route-nat').Routes ?? [];

interface Net {
  readonly routes?: readonly RouteDetails[];
  readonly endpoints?: readonly VpcEndpointDetails[];
  readonly ec2?: Ec2Answers;
}

function network({ routes = NAT, endpoints: list = ALL_ENDPOINTS, ec2 = {} }: Net): Ec2Answers {
  return {
    describeRouteTable: async () => ({ RouteTableId: 'rtb-0private1111111111', Routes: routes }),
    describeVpcEndpoints: async () => list,
    ...ec2,
  };
}

const keyed: Pick<World, 'cluster'> & { readonly answers: NonNullable<World['answers']> } = {
  cluster: clusterIn('kms-only'),
  answers: { keys: { describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }) } },
};

async function verdict(net: Net, world: World = {}) {
  const answers = { ...world.answers, ec2: network(net) };
  const { isReady, lead } = await leadOf({ ...world, answers });
  return { ready: isReady, lead: lead?.id ?? null };
}

const READY = { ready: true, lead: null };
const OTHER_ROLE = {
  PolicyDocument: JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::123456789012:role/other' },
        Action: '*',
        Resource: '*',
      },
    ],
  }),
};
const off = (wanted: string): Ec2Answers => ({
  describeVpcAttribute: async (_, name) => name !== wanted,
});

describe('a network that works', () => {
  it.each<[string, Net, World?]>([
    ['an isolated subnet with all endpoints', { routes: NO_ROUTE }],
    ['an isolated subnet with all endpoints, on EC2', { routes: NO_ROUTE }, { task: EC2_TASK }],
    [
      'NAT and an endpoint without private DNS',
      { endpoints: changed('ssmmessages', { PrivateDnsEnabled: false }) },
    ],
    [
      'NAT and an endpoint that waits for acceptance',
      { endpoints: changed('ssmmessages', { State: 'pendingAcceptance' }) },
    ],
    ['NAT and a pending KMS endpoint', { endpoints: changed('kms', { State: 'pending' }) }, keyed],
    ['NAT and enableDnsHostnames off', { ec2: off('enableDnsHostnames') }],
    ['NAT and no endpoints', { endpoints: [] }],
    ['NAT, and endpoints for ECS but not for ssmmessages', { endpoints: without('ssmmessages') }],
    [
      'a default route to Cloud WAN',
      {
        routes: [to('0.0.0.0/0', { CoreNetworkArn: 'arn:aws:networkmanager::1:core-network/c' })],
        endpoints: [],
      },
    ],
    [
      'two routes to NAT, one for each half of IPv4',
      {
        routes: [
          to('0.0.0.0/1', { NatGatewayId: 'nat-1' }),
          to('128.0.0.0/1', { NatGatewayId: 'nat-1' }),
        ],
        endpoints: [],
      },
    ],
    [
      'an IPv6-only task with an egress-only gateway, and an endpoint for IPv4',
      {
        routes: [
          {
            DestinationIpv6CidrBlock: '::/0',
            EgressOnlyInternetGatewayId: 'eigw-1',
            State: 'active',
          },
        ],
        endpoints: changed('ssmmessages', { IpAddressType: 'ipv4' }),
        ec2: {
          describeSecurityGroups: async () => [
            {
              GroupId: 'sg-0task1111111111111',
              IpPermissionsEgress: [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }],
            },
          ],
        },
      },
      ipv6Only(),
    ],
  ])('%s: ready, without a warning', async (_name, net, world) => {
    expect(await verdict(net, world)).toEqual(READY);
  });
});

describe('a network that ecsh can see only in part', () => {
  it.each<[string, Net, string]>([
    [
      'private routes to a transit gateway, with endpoints in a hub',
      { routes: [...NO_ROUTE, to('10.0.0.0/8', { TransitGatewayId: 'tgw-1' })], endpoints: [] },
      'egress-route',
    ],
    [
      'private routes through VPC peering',
      {
        routes: [...NO_ROUTE, to('10.99.0.0/16', { VpcPeeringConnectionId: 'pcx-1' })],
        endpoints: [],
      },
      'egress-route',
    ],
    [
      'private routes, and an endpoint without private DNS',
      {
        routes: [...NO_ROUTE, to('10.0.0.0/8', { CoreNetworkArn: 'arn:aws:networkmanager::1:c' })],
        endpoints: changed('ssmmessages', { PrivateDnsEnabled: false }),
      },
      'egress-route',
    ],
    [
      'endpoints for ECS, without permission to describe route tables',
      { endpoints: without('ssmmessages'), ec2: { describeRouteTable: denied } },
      'vpce-ssmmessages',
    ],
    ['a VPC without DNS behind NAT', { ec2: off('enableDnsSupport') }, 'vpc-dns'],
  ])('%s: ready, with a warning', async (_name, net, lead) => {
    expect(await verdict(net)).toEqual({ ready: true, lead });
  });
});

describe('a network that cannot work', () => {
  it.each<[string, Net, string, World?]>([
    [
      'no route, and no endpoint',
      { routes: NO_ROUTE, endpoints: without('ssmmessages') },
      'vpce-ssmmessages',
    ],
    [
      'no route, and an endpoint without private DNS',
      { routes: NO_ROUTE, endpoints: changed('ssmmessages', { PrivateDnsEnabled: false }) },
      'vpce-usable',
    ],
    [
      'no route, and a pending KMS endpoint',
      { routes: NO_ROUTE, endpoints: changed('kms', { State: 'pending' }) },
      'vpce-usable',
      keyed,
    ],
    [
      'no route, and enableDnsHostnames off',
      { routes: NO_ROUTE, ec2: off('enableDnsHostnames') },
      'vpc-dns',
    ],
    [
      'an endpoint policy for another role',
      { routes: NO_ROUTE, endpoints: changed('ssmmessages', OTHER_ROLE) },
      'vpce-usable',
    ],
    [
      'an endpoint policy for another role, and NAT',
      { endpoints: changed('ssmmessages', OTHER_ROLE) },
      'vpce-usable',
    ],
    [
      'an IPv6-only task with an endpoint for IPv4 and no route',
      { routes: NO_ROUTE, endpoints: changed('ssmmessages', { IpAddressType: 'ipv4' }) },
      'vpce-usable',
      ipv6Only(),
    ],
    [
      'an IPv4 task with only an egress-only gateway',
      {
        routes: [
          ...NO_ROUTE,
          { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' },
        ],
        endpoints: [],
      },
      'vpce-ssmmessages',
    ],
    [
      'a public subnet without a public address, and an endpoint without private DNS',
      {
        routes: routeTable('route-igw').Routes ?? [],
        endpoints: changed('ssmmessages', { PrivateDnsEnabled: false }),
      },
      'public-ip',
    ],
  ])('%s: not ready', async (_name, net, lead, world) => {
    expect(await verdict(net, world)).toEqual({ ready: false, lead });
  });
});

describe('a caller without permission to describe subnets', () => {
  const blind: Ec2Answers = { describeSubnet: denied };

  it.each<[string, World, Ec2Answers]>([
    ['the network interface', {}, {}],
    [
      'the container instance',
      {
        task: EC2_TASK,
        answers: {
          ecs: {
            describeContainerInstance: async () => ({
              ec2InstanceId: 'i-1',
              agentConnected: true,
              versionInfo: { agentVersion: '1.99.0' },
              attributes: [
                { name: 'ecs.subnet-id', value: 'subnet-1' },
                { name: 'ecs.vpc-id', value: 'vpc-0123456789abcdef0' },
              ],
            }),
          },
        },
      },
      {
        describeInstance: async () => ({
          PrivateIpAddress: '10.0.0.10',
          SecurityGroups: [{ GroupId: 'sg-0task1111111111111' }],
        }),
      },
    ],
  ])('learns the VPC from %s', async (_name, world, ec2) => {
    const answers = { ...world.answers, ec2: network({ ec2: { ...blind, ...ec2 } }) };
    const { of } = await diagnosisOf({ ...world, answers });
    const ids = [
      'subnet-owner',
      'egress-route',
      'vpce-ssmmessages',
      'vpce-usable',
      'security-groups',
      'vpc-dns',
    ];
    expect(ids.map((id) => of(id).status)).toEqual([
      'unknown',
      'pass',
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
  });
});

it('suggests assignPublicIp only on Fargate, where ECS accepts it', async () => {
  const net = network({ routes: routeTable('route-igw').Routes ?? [], endpoints: [] });
  const fixFromHint = async (task: World['task']) =>
    (await diagnosisOf({ task, answers: { ec2: net } })).of('public-ip').fix?.summary;
  expect(await fixFromHint(TASK)).toContain('assignPublicIp=ENABLED');
  expect(await fixFromHint({ ...EC2_TASK, attachments: [NETWORK_INTERFACE] })).toBe(
    'Start it in a private subnet with NAT, or create an interface endpoint',
  );
});

/** A Fargate task without an IPv4 address. */
function ipv6Only(): World {
  const { privateIPv4Address: _, ...details } = NETWORK_INTERFACE.details;
  return { task: { ...TASK, attachments: [{ ...NETWORK_INTERFACE, details }] } };
}

it('reports a missing permission of the task role before a network fault', async () => {
  const { results } = await diagnosisOf({
    rules: [['app-task-role ssmmessages', DENIED]],
    answers: {
      ec2: network({
        routes: NO_ROUTE,
        endpoints: [],
        ec2: { describeNetworkInterface: async () => networkInterface('eni-private') },
      }),
    },
  });
  expect(primaryOf(results)?.id).toBe('task-role-ssmmessages');
});
