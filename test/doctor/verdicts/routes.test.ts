import { describe, expect, it } from 'vitest';
import type { RouteDetails } from '#domain/ports/ec2-responses.ts';
import {
  type Ec2Answers,
  NAT,
  type Network,
  NO_ROUTE,
  network,
  TRANSIT_GATEWAY,
  to,
  WITHOUT_MESSAGES,
} from '#test/fakes/doctor-network.ts';
import { verdictOf } from '#test/fakes/doctor-verdict.ts';
import { EC2_TASK, type World } from '#test/fakes/doctor-world.ts';

describe('routes', () => {
  it.each<[string, Network, string]>([
    [
      'a default route to a VPN, and an endpoint for ECS but not for ssmmessages',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', { GatewayId: 'vgw-1' })], list: WITHOUT_MESSAGES },
      'ready: vpce-ssmmessages',
    ],
    [
      'a default route to a peering connection, no endpoint',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', { VpcPeeringConnectionId: 'pcx-1' })], list: [] },
      'ready: -',
    ],
    [
      'NAT for the internet, a transit gateway for 10.0.0.0/8',
      { routes: [...NO_ROUTE, to('10.0.0.0/8', TRANSIT_GATEWAY), to('0.0.0.0/0', NAT)], list: [] },
      'ready: -',
    ],
    [
      'NAT for the internet, a black hole for 10.0.0.0/8',
      {
        routes: [
          ...NO_ROUTE,
          { ...to('10.0.0.0/8', TRANSIT_GATEWAY), State: 'blackhole' },
          to('0.0.0.0/0', NAT),
        ],
        list: [],
      },
      'ready: -',
    ],
    [
      'a route to a deleted NAT gateway, and endpoints',
      { routes: [...NO_ROUTE, { ...to('0.0.0.0/0', NAT), State: 'blackhole' }] },
      'ready: -',
    ],
    [
      'a route to a deleted NAT gateway, no endpoint',
      { routes: [...NO_ROUTE, { ...to('0.0.0.0/0', NAT), State: 'blackhole' }], list: [] },
      'not ready: vpce-ssmmessages',
    ],
    [
      'four routes to NAT, one for each quarter of IPv4',
      {
        routes: [
          ...NO_ROUTE,
          ...['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2'].map((b) => to(b, NAT)),
        ],
        list: [],
      },
      'ready: -',
    ],
    [
      'NAT for only a quarter of IPv4',
      { routes: [...NO_ROUTE, to('0.0.0.0/2', NAT)], list: [] },
      'ready: egress-route',
    ],
    [
      'a default route to a gateway load balancer endpoint',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', { GatewayId: 'vpce-gwlb' })], list: [] },
      'ready: -',
    ],
    [
      'only the S3 prefix list, no endpoint',
      {
        routes: [
          ...NO_ROUTE,
          { DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-s3', State: 'active' },
        ],
        list: WITHOUT_MESSAGES,
      },
      'not ready: vpce-ssmmessages',
    ],
    [
      'only an IPv6 default route, for an IPv4 task',
      {
        routes: [
          ...NO_ROUTE,
          { DestinationIpv6CidrBlock: '::/0', GatewayId: 'igw-1', State: 'active' },
        ],
        list: [],
      },
      'not ready: vpce-ssmmessages',
    ],
    [
      'a private NAT gateway for only 10.0.0.0/8',
      { routes: [...NO_ROUTE, to('10.0.0.0/8', NAT)], list: [] },
      'ready: egress-route',
    ],
  ])('%s', async (_name, given, expected) => {
    expect(await verdictOf(network(given))).toBe(expected);
  });
});

describe('a route out that covers some addresses', () => {
  const HALF = [
    to('0.0.0.0/1', { NatGatewayId: 'nat-1' }),
    { ...to('128.0.0.0/1', { NatGatewayId: 'nat-2' }), State: 'blackhole' },
  ];
  const EGRESS_ONLY: RouteDetails = {
    DestinationIpv6CidrBlock: '::/0',
    EgressOnlyInternetGatewayId: 'eigw-1',
    State: 'active',
  };
  const dualStack: Ec2Answers = {
    describeNetworkInterface: async () => ({
      NetworkInterfaceId: 'eni-1',
      PrivateIpAddress: '10.0.12.34',
      Ipv6Addresses: [{ Ipv6Address: '2600:1f18::10' }],
      Groups: [{ GroupId: 'sg-0task1111111111111' }],
    }),
  };

  it.each<[string, World, string]>([
    [
      'half of which leads to a black hole',
      network({ routes: HALF, list: [] }),
      'ready: egress-route',
    ],
    ['with an endpoint', network({ routes: HALF }), 'ready: -'],
    [
      'only IPv6, for a task with both families',
      network({ routes: [...NO_ROUTE, EGRESS_ONLY], list: [], ec2: dualStack }),
      'ready: egress-route',
    ],
  ])('%s', async (_name, world, expected) => {
    expect(await verdictOf(world)).toBe(expected);
  });
});

describe('on EC2', () => {
  it.each<[string, Network, string]>([
    ['endpoints, no route', {}, 'ready: -'],
    [
      'a transit gateway to a hub',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', TRANSIT_GATEWAY)], list: [] },
      'ready: -',
    ],
    ['neither a route nor an endpoint', { list: [] }, 'not ready: vpce-ssmmessages'],
  ])('%s', async (_name, given, expected) => {
    expect(await verdictOf(network(given, { task: EC2_TASK }))).toBe(expected);
  });
});
