import { describe, expect, it } from 'vitest';
import { riskOf } from '#doctor/connection-path.ts';
import { primaryOf } from '#doctor/primary.ts';
import type {
  IpPermissionDetails,
  NetworkAclDetails,
  RouteDetails,
  VpcEndpointDetails,
} from '#domain/ports/ec2-responses.ts';
import { diagnosisOf, EC2_TASK, TASK_ROLE, type World } from '#test/fakes/doctor-world.ts';
import { endpoints, routeTable } from './network-facts.ts';

type Ec2 = NonNullable<NonNullable<World['answers']>['ec2']>;

const NO_ROUTE = routeTable('route-isolated-main').Routes ?? [];
const ALL = endpoints('vpc-endpoints-complete');
const messages = (changes: VpcEndpointDetails) =>
  ALL.map((endpoint) =>
    endpoint.ServiceName?.endsWith('.ssmmessages') ? { ...endpoint, ...changes } : endpoint,
  );
const WITHOUT = ALL.filter(({ ServiceName = '' }) => !ServiceName.endsWith('.ssmmessages'));
const to = (DestinationCidrBlock: string, target: RouteDetails): RouteDetails => ({
  DestinationCidrBlock,
  State: 'active',
  ...target,
});
const NAT = { NatGatewayId: 'nat-1' };
const TGW = { TransitGatewayId: 'tgw-1' };

interface Network {
  readonly routes?: readonly RouteDetails[];
  readonly list?: readonly VpcEndpointDetails[];
  readonly ec2?: Ec2;
}

function network({ routes = NO_ROUTE, list = ALL, ec2 = {} }: Network, rest: World = {}): World {
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

const https = (peers: IpPermissionDetails): IpPermissionDetails => ({
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  ...peers,
});
const from = (...blocks: string[]) => https({ IpRanges: blocks.map((CidrIp) => ({ CidrIp })) });
const groups = (
  out: readonly IpPermissionDetails[],
  into: readonly IpPermissionDetails[] = [from('10.0.0.0/16')],
): Ec2 => ({
  describeSecurityGroups: async () => [
    { GroupId: 'sg-0task1111111111111', IpPermissionsEgress: out },
    { GroupId: 'sg-0endpoint111111111', IpPermissions: into },
  ],
});

type Entry = NonNullable<NetworkAclDetails['Entries']>[number];
const rule = (RuleNumber: number, Egress: boolean, changes: Partial<Entry> = {}): Entry => ({
  RuleNumber,
  Egress,
  Protocol: '6',
  RuleAction: 'allow',
  CidrBlock: '0.0.0.0/0',
  ...changes,
});
const acl = (...Entries: Entry[]): Ec2 => ({
  describeNetworkAcls: async () => [
    { NetworkAclId: 'acl-1', Associations: [{ SubnetId: 'subnet-0aaa1111bbbb2222c' }], Entries },
  ],
});
const ports = (From: number, To: number) => ({ PortRange: { From, To } });

const policy = (...Statement: object[]) =>
  messages({ PolicyDocument: JSON.stringify({ Statement }) });
const allow = (changes: object = {}) => ({
  Effect: 'Allow',
  Principal: '*',
  Action: '*',
  Resource: '*',
  ...changes,
});
const deny = (changes: object) => ({ ...allow(changes), Effect: 'Deny' });

async function verdict(world: World) {
  const { isReady, results } = await diagnosisOf(world);
  const lead = primaryOf(results) ?? riskOf(results);
  return `${isReady ? 'ready' : 'not ready'}: ${lead?.id ?? '-'}`;
}

describe('routes', () => {
  it.each<[string, Network, string]>([
    [
      'default route to a VPN, and an endpoint of ECS without one of ssmmessages',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', { GatewayId: 'vgw-1' })], list: WITHOUT },
      'ready: vpce-ssmmessages',
    ],
    [
      'default route by peering, no endpoint: peering carries no internet',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', { VpcPeeringConnectionId: 'pcx-1' })], list: [] },
      'ready: -',
    ],
    [
      'NAT for the public half, transit gateway for 10/8',
      { routes: [...NO_ROUTE, to('10.0.0.0/8', TGW), to('0.0.0.0/0', NAT)], list: [] },
      'ready: -',
    ],
    [
      'blackhole for 10/8 beside NAT',
      {
        routes: [
          ...NO_ROUTE,
          { ...to('10.0.0.0/8', TGW), State: 'blackhole' },
          to('0.0.0.0/0', NAT),
        ],
        list: [],
      },
      'ready: -',
    ],
    [
      'blackhole NAT, endpoints',
      { routes: [...NO_ROUTE, { ...to('0.0.0.0/0', NAT), State: 'blackhole' }] },
      'ready: -',
    ],
    [
      'blackhole NAT, no endpoint',
      { routes: [...NO_ROUTE, { ...to('0.0.0.0/0', NAT), State: 'blackhole' }], list: [] },
      'not ready: vpce-ssmmessages',
    ],
    [
      'four quarters to NAT',
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
      'quarter of the internet to NAT alone',
      { routes: [...NO_ROUTE, to('0.0.0.0/2', NAT)], list: [] },
      'ready: egress-route',
    ],
    [
      'gateway load balancer endpoint as default route',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', { GatewayId: 'vpce-gwlb' })], list: [] },
      'ready: -',
    ],
    [
      's3 prefix list alone, no endpoint',
      {
        routes: [
          ...NO_ROUTE,
          { DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-s3', State: 'active' },
        ],
        list: WITHOUT,
      },
      'not ready: vpce-ssmmessages',
    ],
    [
      'IPv6 default route alone for an IPv4 task',
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
      'private NAT gateway for 10/8 alone',
      { routes: [...NO_ROUTE, to('10.0.0.0/8', NAT)], list: [] },
      'ready: egress-route',
    ],
  ])('%s', async (_name, given, expected) => {
    expect(await verdict(network(given))).toBe(expected);
  });
});

describe('endpoints', () => {
  it.each<[string, Network, string]>([
    ['rejected, isolated', { list: messages({ State: 'rejected' }) }, 'not ready: vpce-usable'],
    ['failed, isolated', { list: messages({ State: 'failed' }) }, 'not ready: vpce-usable'],
    ['deleting, isolated', { list: messages({ State: 'deleting' }) }, 'not ready: vpce-usable'],
    [
      'two of ssmmessages, one of them good',
      {
        list: [
          ...messages({ PrivateDnsEnabled: false }),
          ...ALL.filter(({ ServiceName = '' }) => ServiceName.endsWith('.ssmmessages')).map(
            (e) => ({ ...e, VpcEndpointId: 'vpce-2' }),
          ),
        ],
      },
      'ready: -',
    ],
    [
      'kms pending but not needed',
      { list: ALL.map((e) => (e.ServiceName?.endsWith('.kms') ? { ...e, State: 'pending' } : e)) },
      'ready: -',
    ],
    [
      'of another region',
      { list: messages({ ServiceName: 'com.amazonaws.eu-west-1.ssmmessages' }) },
      'not ready: vpce-ssmmessages',
    ],
    [
      'of ssm and ec2messages alone',
      {
        list: WITHOUT.concat([
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
      'dualstack',
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
      { list: messages({ DnsOptions: { DnsRecordIpType: 'service-defined' } }) },
      'ready: -',
    ],
    ['State in capitals', { list: messages({ State: 'Available' }) }, 'ready: -'],
  ])('%s', async (_name, given, expected) => {
    expect(await verdict(network(given))).toBe(expected);
  });
});

describe('endpoint policies', () => {
  const condition = (Condition: object) => [allow({ Condition })];
  it.each<[string, readonly object[], string]>([
    ['empty list of statements', [], 'not ready: vpce-usable'],
    ['ssmmessages:*', [allow({ Action: 'ssmmessages:*' })], 'ready: -'],
    ['SSMMESSAGES in capitals', [allow({ Action: 'SSMMessages:*' })], 'ready: -'],
    ['ssm:* alone', [allow({ Action: 'ssm:*' })], 'not ready: vpce-usable'],
    ['the account by its number', [allow({ Principal: { AWS: '123456789012' } })], 'ready: -'],
    [
      'the account by its root',
      [allow({ Principal: { AWS: 'arn:aws:iam::123456789012:root' } })],
      'ready: -',
    ],
    ['another account', [allow({ Principal: { AWS: '210987654321' } })], 'not ready: vpce-usable'],
    ['the role itself', [allow({ Principal: { AWS: [TASK_ROLE] } })], 'ready: -'],
    ['AWS: *', [allow({ Principal: { AWS: '*' } })], 'ready: -'],
    [
      'a service principal alone',
      [allow({ Principal: { Service: 'ecs-tasks.amazonaws.com' } })],
      'not ready: vpce-usable',
    ],
    [
      'deny for others by NotPrincipal',
      [allow(), { Effect: 'Deny', NotPrincipal: { AWS: TASK_ROLE }, Action: '*', Resource: '*' }],
      'ready: -',
    ],
    [
      'principal of the organization',
      condition({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }),
      'ready: -',
    ],
    [
      'PrincipalArn like the roles of the account',
      condition({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/*' } }),
      'ready: -',
    ],
    [
      'PrincipalArn like roles of another account',
      condition({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::210987654321:role/*' } }),
      'not ready: vpce-usable',
    ],
    [
      'PrincipalAccount in a list',
      condition({ StringEquals: { 'aws:PrincipalAccount': ['1', '123456789012'] } }),
      'ready: -',
    ],
    [
      'SourceVpce is another',
      condition({ StringEquals: { 'aws:SourceVpce': 'vpce-other' } }),
      'not ready: vpce-usable',
    ],
    [
      'deny without TLS',
      [allow(), deny({ Condition: { Bool: { 'aws:SecureTransport': false } } })],
      'ready: -',
    ],
    [
      'deny from other VPCs',
      [allow(), deny({ Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-other' } } })],
      'not ready: vpce-usable',
    ],
    [
      'deny of one channel action',
      [allow(), deny({ Action: ['ssmmessages:OpenDataChannel'] })],
      'not ready: vpce-usable',
    ],
    [
      'deny of an action that the agent does not call',
      [allow(), deny({ Action: 'ssmmessages:Foo*' })],
      'ready: -',
    ],
    [
      'PrincipalOrgID with IfExists',
      condition({ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }),
      'ready: -',
    ],
    [
      'Null on PrincipalArn: it must be there',
      condition({ Null: { 'aws:PrincipalArn': 'false' } }),
      'ready: -',
    ],
    [
      'Null on PrincipalArn: it must not be there',
      condition({ Null: { 'aws:PrincipalArn': 'true' } }),
      'not ready: vpce-usable',
    ],
  ])('%s', async (_name, statements, expected) => {
    expect(await verdict(network({ list: policy(...statements) }))).toBe(expected);
  });
});

describe('security groups', () => {
  const OUT = [from('0.0.0.0/0')];
  it.each<[string, Ec2, string]>([
    [
      'out by a group reference to the endpoint',
      groups([https({ UserIdGroupPairs: [{ GroupId: 'sg-0endpoint111111111' }] })]),
      'ready: -',
    ],
    [
      'out by a group reference to another group',
      groups([https({ UserIdGroupPairs: [{ GroupId: 'sg-other' }] })]),
      'not ready: security-groups',
    ],
    [
      'out by a prefix list',
      groups([https({ PrefixListIds: [{ PrefixListId: 'pl-1' }] })]),
      'ready: -',
    ],
    ['out to the VPC', groups([from('10.0.0.0/16')]), 'ready: -'],
    [
      'out to one public block, isolated',
      groups([from('52.0.0.0/8')]),
      'not ready: security-groups',
    ],
    [
      'out by all protocols',
      groups([{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]),
      'ready: -',
    ],
    [
      'out by ports 0 to 65535',
      groups([
        { IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ]),
      'ready: -',
    ],
    [
      'out by ports 80 to 442',
      groups([
        { IpProtocol: 'tcp', FromPort: 80, ToPort: 442, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ]),
      'not ready: security-groups',
    ],
    [
      'out by protocol 6',
      groups([
        { IpProtocol: '6', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ]),
      'ready: -',
    ],
    [
      'in by the group of the task',
      groups(OUT, [https({ UserIdGroupPairs: [{ GroupId: 'sg-0task1111111111111' }] })]),
      'ready: -',
    ],
    [
      'in by another group',
      groups(OUT, [https({ UserIdGroupPairs: [{ GroupId: 'sg-other' }] })]),
      'not ready: security-groups',
    ],
    ['in from another block', groups(OUT, [from('172.16.0.0/12')]), 'not ready: security-groups'],
    ['in from everywhere', groups(OUT, [from('0.0.0.0/0')]), 'ready: -'],
    [
      'in by a prefix list',
      groups(OUT, [https({ PrefixListIds: [{ PrefixListId: 'pl-1' }] })]),
      'ready: -',
    ],
    [
      'in by a wide range of ports',
      groups(OUT, [
        { IpProtocol: 'tcp', FromPort: 1, ToPort: 1000, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      ]),
      'ready: -',
    ],
    ['in by nothing', groups(OUT, []), 'not ready: security-groups'],
    ['out by nothing', groups([]), 'not ready: security-groups'],
  ])('%s', async (_name, ec2, expected) => {
    expect(await verdict(network({ ec2 }))).toBe(expected);
  });
});

describe('network ACLs of a task that goes out by NAT', () => {
  const OPEN_IN = rule(100, false, { Protocol: '-1' });
  it.each<[string, Ec2, string]>([
    [
      '443 out, ephemeral ports in',
      acl(rule(100, true, ports(443, 443)), rule(100, false, ports(1024, 65_535))),
      'ready: -',
    ],
    [
      '443 out, 32768 to 60999 in',
      acl(rule(100, true, ports(443, 443)), rule(100, false, ports(32_768, 60_999))),
      'ready: -',
    ],
    [
      '443 out, 80 and 443 in alone',
      acl(
        rule(100, true, ports(443, 443)),
        rule(100, false, ports(443, 443)),
        rule(110, false, ports(80, 80)),
      ),
      'not ready: network-acls',
    ],
    [
      'a deny after the allow',
      acl(
        rule(100, true, ports(443, 443)),
        rule(200, true, { RuleAction: 'deny', Protocol: '-1' }),
        OPEN_IN,
      ),
      'ready: -',
    ],
    [
      'a deny before the allow',
      acl(
        rule(90, true, { RuleAction: 'deny', ...ports(443, 443) }),
        rule(100, true, { Protocol: '-1' }),
        OPEN_IN,
      ),
      'not ready: network-acls',
    ],
    [
      'rules out of order in the answer',
      acl(
        rule(200, true, { RuleAction: 'deny', Protocol: '-1' }),
        rule(100, true, ports(443, 443)),
        OPEN_IN,
      ),
      'ready: -',
    ],
    [
      'UDP alone out',
      acl(rule(100, true, { Protocol: '17', ...ports(443, 443) }), OPEN_IN),
      'not ready: network-acls',
    ],
    [
      'IPv6 alone out',
      acl(
        { ...rule(100, true, ports(443, 443)), CidrBlock: undefined, Ipv6CidrBlock: '::/0' },
        OPEN_IN,
      ),
      'not ready: network-acls',
    ],
    [
      'a deny of 10/8 alone',
      acl(
        rule(90, true, { RuleAction: 'deny', Protocol: '-1', CidrBlock: '10.0.0.0/8' }),
        rule(100, true, { Protocol: '-1' }),
        OPEN_IN,
      ),
      'ready: -',
    ],
    [
      'two halves out',
      acl(
        rule(100, true, { CidrBlock: '0.0.0.0/1', ...ports(443, 443) }),
        rule(110, true, { CidrBlock: '128.0.0.0/1', ...ports(443, 443) }),
        OPEN_IN,
      ),
      'ready: -',
    ],
  ])('%s', async (_name, ec2, expected) => {
    const routes = [...NO_ROUTE, to('0.0.0.0/0', NAT)];
    expect(await verdict(network({ routes, list: [], ec2 }))).toBe(expected);
  });
});

describe('on EC2', () => {
  it.each<[string, Network, string]>([
    ['isolated with endpoints', {}, 'ready: -'],
    [
      'transit gateway to a hub',
      { routes: [...NO_ROUTE, to('0.0.0.0/0', TGW)], list: [] },
      'ready: -',
    ],
    ['nothing', { list: [] }, 'not ready: vpce-ssmmessages'],
  ])('%s', async (_name, given, expected) => {
    expect(await verdict(network(given, { task: EC2_TASK }))).toBe(expected);
  });
});
