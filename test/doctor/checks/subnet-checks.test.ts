import { describe, expect, it } from 'vitest';
import { denied, diagnosisOf, EC2_TASK, TASK, type World } from '#test/fakes/doctor-world.ts';
import { endpoints, networkInterface, routeTable, subnet } from './network-facts.ts';

const statusOf = async (id: string, world: World) => {
  const { status, message } = (await diagnosisOf(world)).of(id);
  return { status, message };
};
const network = (ec2: NonNullable<World['answers']>['ec2'] = {}): World => ({ answers: { ec2 } });
const routes = (name: string) => ({ describeRouteTable: async () => routeTable(name) });
const vpce = (name: string) => ({ describeVpcEndpoints: async () => endpoints(name) });
const WITHOUT = vpce('vpc-endpoints-no-ssmmessages');
const PUBLIC = { describeNetworkInterface: async () => networkInterface('eni-public') };

const INTERNET = { GatewayId: 'igw-1', State: 'active' };
const dualStack = async () => ({
  Routes: [
    { ...INTERNET, DestinationCidrBlock: '0.0.0.0/0' },
    { ...INTERNET, DestinationIpv6CidrBlock: '::/0' },
  ],
});
const IPV6_TASK = {
  ...TASK,
  attachments: [
    {
      type: 'ElasticNetworkInterface',
      details: { subnetId: 'subnet-0aaa1111bbbb2222c', networkInterfaceId: 'eni-1' },
    },
  ],
};

describe('subnet-owner', () => {
  const shared = network({ describeSubnet: async () => subnet('subnet-shared') });
  const REST = [
    'egress-route',
    'public-ip',
    'vpce-ssmmessages',
    'vpce-usable',
    'security-groups',
    'vpc-dns',
  ];

  it('passes for a subnet of the same account', async () => {
    expect(await statusOf('subnet-owner', {})).toMatchObject({ status: 'pass' });
  });

  it('leaves the other network checks of a shared subnet unknown, and makes no calls for them', async () => {
    const { of, calls } = await diagnosisOf(shared);
    expect(of('subnet-owner')).toMatchObject({
      status: 'info',
      message: expect.stringMatching(/is shared by 210987654321; its endpoints and routes are not/),
    });
    expect(REST.map((id) => of(id).status)).toEqual(REST.map(() => 'unknown'));
    expect(calls.filter((call) => /Route|Endpoint|Groups|Attribute/.test(call))).toEqual([]);
  });

  it('reports external infrastructure as info, and skips the other network checks', async () => {
    const { of, calls } = await diagnosisOf({ task: { ...EC2_TASK, launchType: 'EXTERNAL' } });
    expect(of('subnet-owner')).toMatchObject({
      status: 'info',
      message: 'The task runs on external infrastructure, whose network AWS does not manage.',
    });
    expect(REST.map((id) => of(id).status)).toEqual(REST.map(() => 'skip'));
    expect(calls).not.toContain('describeSubnet');
  });

  it('names the missing permission', async () => {
    expect(
      (await diagnosisOf(network({ describeSubnet: denied }))).of('subnet-owner'),
    ).toMatchObject({ status: 'unknown', evidence: { missingPermission: 'ec2:DescribeSubnets' } });
  });

  it('checks the subnet of the instance if the task has no interface', async () => {
    expect(await statusOf('subnet-owner', { task: EC2_TASK })).toMatchObject({ status: 'pass' });
  });
});

describe('egress-route', () => {
  it.each<[string, World, string, RegExp]>([
    ['passes for a NAT gateway', {}, 'pass', /through NAT gateway nat-0123456789abcdef0/],
    [
      'passes for an internet gateway',
      network({ ...routes('route-igw'), ...PUBLIC }),
      'pass',
      /internet gateway/,
    ],
    [
      'passes for a transit gateway, but says that its far side is not visible',
      network({
        describeRouteTable: async () => ({
          Routes: [{ DestinationCidrBlock: '0.0.0.0/0', TransitGatewayId: 'tgw-1' }],
        }),
      }),
      'pass',
      /tgw-1\. Whether it leads to the internet cannot be seen here/,
    ],
    [
      'passes without a route if an endpoint makes it unnecessary',
      network(routes('route-isolated-main')),
      'pass',
      /no default route and needs none: endpoint vpce-00000000000000003 serves ssmmessages/,
    ],
    [
      'fails with neither a route nor an endpoint',
      network({ ...routes('route-isolated-main'), ...WITHOUT }),
      'fail',
      /no usable default route/,
    ],
    [
      "fails if the route's gateway was deleted",
      network({ ...routes('route-blackhole'), ...WITHOUT }),
      'fail',
      /blackhole/,
    ],
    [
      'does not count an IPv4 route for a task without an IPv4 address',
      { task: IPV6_TASK, ...network({ ...routes('route-nat'), ...WITHOUT }) },
      'fail',
      /no usable default route/,
    ],
    [
      'only warns if the endpoints are unreadable',
      network({ ...routes('route-blackhole'), describeVpcEndpoints: denied }),
      'warn',
      /blackhole/,
    ],
    [
      'names the missing permission',
      network({ describeRouteTable: denied }),
      'unknown',
      /ec2:DescribeRouteTables/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('egress-route', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});

it('suggests an endpoint as the route out, because one command creates it', async () => {
  const { of } = await diagnosisOf(network({ ...routes('route-isolated-main'), ...WITHOUT }));
  const { fix } = of('egress-route');
  expect(fix?.summary).toBe('Add a NAT gateway, or an interface endpoint for ssmmessages');
  expect(fix?.command).toMatch(/^aws ec2 create-vpc-endpoint .*ssmmessages/);
});

describe('public-ip', () => {
  const igw = routes('route-igw');

  it.each<[string, World, string, RegExp]>([
    ['is skipped behind NAT', {}, 'skip', /sends no traffic through an internet gateway/],
    [
      'passes with a public address',
      network({ ...igw, ...PUBLIC, ...WITHOUT }),
      'pass',
      /203\.0\.113\.10/,
    ],
    [
      'fails without a public address',
      network({ ...igw, ...WITHOUT }),
      'fail',
      /public subnet without a public IP, so it cannot reach the internet/,
    ],
    [
      'passes without a public address if there is an endpoint',
      network(igw),
      'pass',
      /needs none: endpoint vpce-/,
    ],
    [
      'checks the address of the instance if the task has no interface',
      {
        task: EC2_TASK,
        ...network({
          ...igw,
          ...WITHOUT,
          describeInstance: async () => ({ PublicIpAddress: '203.0.113.99' }),
        }),
      },
      'pass',
      /203\.0\.113\.99/,
    ],
    [
      'is skipped for a task without an IPv4 address',
      { task: IPV6_TASK, ...network({ describeRouteTable: dualStack }) },
      'skip',
      /sends no traffic through an internet gateway/,
    ],
    [
      'is unknown if EC2 does not return the interface',
      network({ ...igw, ...WITHOUT, describeNetworkInterface: async () => undefined }),
      'unknown',
      /does not know the network interface/,
    ],
    [
      'names the missing permission',
      network({ ...igw, describeNetworkInterface: denied }),
      'unknown',
      /ec2:DescribeNetworkInterfaces/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('public-ip', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});
