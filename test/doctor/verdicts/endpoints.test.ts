import { describe, expect, it } from 'vitest';
import type { IpPermissionDetails, VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import {
  ALL_ENDPOINTS,
  type Ec2Answers,
  groups,
  ipv4,
  ipv6,
  messages,
  NAT,
  type Network,
  NO_ROUTE,
  network,
  to,
  WITHOUT_MESSAGES,
} from '#test/fakes/doctor-network.ts';
import { verdictOf } from '#test/fakes/doctor-verdict.ts';
import { NETWORK_INTERFACE, TASK, type World } from '#test/fakes/doctor-world.ts';

describe('endpoints', () => {
  it.each<[string, Network, string]>([
    [
      'a rejected endpoint, no route',
      { list: messages({ State: 'rejected' }) },
      'not ready: vpce-usable',
    ],
    [
      'a failed endpoint, no route',
      { list: messages({ State: 'failed' }) },
      'not ready: vpce-usable',
    ],
    [
      'an endpoint being deleted, no route',
      { list: messages({ State: 'deleting' }) },
      'not ready: vpce-usable',
    ],
    [
      'two endpoints for ssmmessages, one of them usable',
      {
        list: [
          ...messages({ PrivateDnsEnabled: false }),
          ...ALL_ENDPOINTS.filter(({ ServiceName = '' }) =>
            ServiceName.endsWith('.ssmmessages'),
          ).map((e) => ({ ...e, VpcEndpointId: 'vpce-2' })),
        ],
      },
      'ready: -',
    ],
    [
      'a pending KMS endpoint that is not needed',
      {
        list: ALL_ENDPOINTS.map((e) =>
          e.ServiceName?.endsWith('.kms') ? { ...e, State: 'pending' } : e,
        ),
      },
      'ready: -',
    ],
    [
      'an endpoint for another region',
      { list: messages({ ServiceName: 'com.amazonaws.eu-west-1.ssmmessages' }) },
      'not ready: vpce-ssmmessages',
    ],
    [
      'endpoints only for ssm and ec2messages',
      {
        list: WITHOUT_MESSAGES.concat([
          {
            VpcEndpointId: 'vpce-9',
            VpcEndpointType: 'Interface',
            ServiceName: 'com.amazonaws.us-east-1.ssm',
            State: 'available',
            PrivateDnsEnabled: true,
          },
        ]),
      },
      'not ready: vpce-ssmmessages',
    ],
    [
      'a dual-stack endpoint',
      {
        list: messages({
          IpAddressType: 'dualstack',
          DnsOptions: { DnsRecordIpType: 'dualstack' },
        }),
      },
      'ready: -',
    ],
    [
      'service-defined records',
      { list: messages({ DnsOptions: { DnsRecordIpType: 'service-defined DNS records' } }) },
      'ready: -',
    ],
    ['a state in another case', { list: messages({ State: 'Available' }) }, 'ready: -'],
  ])('%s', async (_name, given, expected) => {
    expect(await verdictOf(network(given))).toBe(expected);
  });
});

const ADDRESS = '2600:1f18::10';
const DUAL_STACK = { IpAddressType: 'dualstack', DnsOptions: { DnsRecordIpType: 'dualstack' } };

/** A task without an IPv4 address, in a subnet without a default route. */
function ipv6Only(
  out: IpPermissionDetails,
  into: IpPermissionDetails,
  endpoint: VpcEndpointDetails = DUAL_STACK,
): World {
  const { privateIPv4Address: _, ...details } = NETWORK_INTERFACE.details;
  const attachment = { ...NETWORK_INTERFACE, details: { ...details, ipv6Address: ADDRESS } };
  const ec2: Ec2Answers = {
    ...groups([out], [into]),
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
    ...network({ list: messages(endpoint), ec2 }),
    task: { ...TASK, attachments: [attachment] },
  };
}

describe('an IPv6-only task', () => {
  const ALL = ipv6('::/0');
  it.each<[string, World, string]>([
    ['an endpoint that allows all IPv6 addresses in', ipv6Only(ALL, ALL), 'ready: -'],
    ['an endpoint that allows its subnet in', ipv6Only(ALL, ipv6('2600:1f18::/64')), 'ready: -'],
    [
      'an endpoint that allows only IPv4 in',
      ipv6Only(ALL, ipv4('0.0.0.0/0')),
      'not ready: security-groups',
    ],
    ['a group that allows only the VPC out', ipv6Only(ipv6('2600:1f18::/56'), ALL), 'ready: -'],
    [
      'a group that allows only IPv4 out',
      ipv6Only(ipv4('0.0.0.0/0'), ALL),
      'not ready: security-groups',
    ],
    [
      'an endpoint whose DNS names have only IPv4 addresses',
      ipv6Only(ALL, ALL, { IpAddressType: 'dualstack', DnsOptions: { DnsRecordIpType: 'ipv4' } }),
      'not ready: vpce-usable',
    ],
  ])('with %s', async (_name, world, expected) => {
    expect(await verdictOf(world)).toBe(expected);
  });
});

it('an endpoint with only IPv6 addresses is unusable for a task with IPv4', async () => {
  const endpoint = messages({ IpAddressType: 'ipv6' });
  expect(await verdictOf(network({ list: endpoint }))).toBe('not ready: vpce-usable');
  expect(
    await verdictOf(network({ routes: [...NO_ROUTE, to('0.0.0.0/0', NAT)], list: endpoint })),
  ).toBe('ready: -');
});
