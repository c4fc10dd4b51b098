import { describe, expect, it } from 'vitest';
import {
  clusterIn,
  denied,
  diagnosisOf,
  EC2_TASK,
  NETWORK_INTERFACE,
  OPEN_GROUPS,
  TASK,
  type World,
} from '../../fakes/doctor-world.ts';
import { routeTable, securityGroups } from './network-facts.ts';

const network = (ec2: NonNullable<World['answers']>['ec2'] = {}): World => ({ answers: { ec2 } });
const [taskGroup, endpointGroup] = OPEN_GROUPS;
const [closedTask, closedEndpoint] = securityGroups('sg-no-egress');
const groups = (...found: (object | undefined)[]) => ({
  describeSecurityGroups: async () => found.map((group) => group ?? {}),
});
const { privateIPv4Address: _address, ...WITHOUT_IPV4 } = NETWORK_INTERFACE.details;

describe.each<
  [
    id: string,
    cases: readonly (readonly [name: string, given: World, status: string, message: RegExp])[],
  ]
>([
  [
    'security-groups',
    [
      ['passes', {}, 'pass', /TCP 443 from the task to every destination/],
      [
        "fails if the task's group allows nothing out",
        network(groups(closedTask, closedEndpoint)),
        'fail',
        /sg-0task1111111111111 allows no outbound TCP 443/,
      ],
      [
        "fails if the endpoint's group accepts nothing",
        network(groups(taskGroup, closedEndpoint)),
        'fail',
        /sg-0endpoint111111111 \(ssmmessages\) does not accept TCP 443 from the task/,
      ],
      [
        'ignores the group of an endpoint that the task does not use',
        network({ ...groups(taskGroup, closedEndpoint), describeVpcEndpoints: async () => [] }),
        'pass',
        /TCP 443 from the task to every destination/,
      ],
      [
        'is unknown if a rule refers to a prefix list',
        network(
          groups(
            {
              GroupId: 'sg-0task1111111111111',
              IpPermissionsEgress: [
                { IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-1' }] },
              ],
            },
            endpointGroup,
          ),
        ),
        'unknown',
        /cannot tell whether/,
      ],
      [
        'is unknown if EC2 does not return a group',
        network(groups(endpointGroup)),
        'unknown',
        /does not show/,
      ],
      [
        'checks the groups of the instance if the task has no interface',
        {
          task: EC2_TASK,
          ...network({
            ...groups({ ...closedTask, GroupId: 'sg-host' }, endpointGroup),
            describeInstance: async () => ({ SecurityGroups: [{ GroupId: 'sg-host' }] }),
          }),
        },
        'fail',
        /sg-host allows no outbound TCP 443/,
      ],
      [
        'names the missing permission',
        network({ describeSecurityGroups: denied }),
        'unknown',
        /ec2:DescribeSecurityGroups/,
      ],
    ],
  ],
  [
    'vpc-dns',
    [
      ['passes', {}, 'pass', /resolve/],
      [
        'fails if DNS hostnames are off and there is no other route out',
        network({
          describeVpcAttribute: async (_, name) => name !== 'enableDnsHostnames',
          describeRouteTable: async () => routeTable('route-isolated-main'),
        }),
        'fail',
        /VPC DNS hostnames is off in vpc-0123456789abcdef0, so private endpoint names do not resolve\.$/,
      ],
      [
        'reports as info that the public names work too',
        network({ describeVpcAttribute: async (_, name) => name !== 'enableDnsHostnames' }),
        'info',
        /public names do, and are reached through NAT gateway nat-0123456789abcdef0/,
      ],
      [
        'warns if the task needs its own DNS server',
        network({ describeVpcAttribute: async () => false }),
        'warn',
        /VPC DNS support and hostnames is off .* needs a DNS server of its own/,
      ],
      [
        'is skipped without an endpoint',
        network({ describeVpcEndpoints: async () => [] }),
        'skip',
        /The agent uses no endpoint with private DNS/,
      ],
      [
        'names the missing permission',
        network({ describeVpcAttribute: denied }),
        'unknown',
        /ec2:DescribeVpcAttribute/,
      ],
    ],
  ],
  [
    'ipv6-only',
    [
      ['is skipped if the task has an IPv4 address', {}, 'skip', /IPv4/],
      ['is skipped without an interface', { task: EC2_TASK }, 'skip', /no interface/],
      [
        'passes on Fargate without IPv4',
        { task: { ...TASK, attachments: [{ ...NETWORK_INTERFACE, details: WITHOUT_IPV4 }] } },
        'pass',
        /on Fargate/,
      ],
      [
        'passes on EC2 with an ECS agent that supports IPv6',
        { task: { ...EC2_TASK, attachments: [{ ...NETWORK_INTERFACE, details: WITHOUT_IPV4 }] } },
        'pass',
        /ECS agent 1\.99\.0 uses dual-stack names/,
      ],
    ],
  ],
])('%s', (id, cases) => {
  it.each(cases)('%s', async (_name, given, status, message) => {
    const result = (await diagnosisOf(given)).of(id);
    expect({ status: result.status, message: result.message }).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});

describe('a security group or DNS fix', () => {
  it('opens the group of the task, or that of the endpoint', async () => {
    const commandOf = async (ec2: NonNullable<World['answers']>['ec2'] = {}) =>
      (await diagnosisOf(network(ec2))).of('security-groups').fix?.command;
    expect(await commandOf(groups(closedTask, endpointGroup))).toBe(
      'aws ec2 authorize-security-group-egress --group-id sg-0task1111111111111 --protocol tcp --port 443 --cidr 0.0.0.0/0',
    );
    expect(await commandOf(groups(taskGroup, closedEndpoint))).toBe(
      'aws ec2 authorize-security-group-ingress --group-id sg-0endpoint111111111 --protocol tcp --port 443 --source-group sg-0task1111111111111',
    );
  });

  it('is only a warning if a closed endpoint costs nothing but the log', async () => {
    const closedLogs = { ...endpointGroup, GroupId: 'sg-logs', IpPermissions: [] };
    const messages = { ...endpointGroup, GroupId: 'sg-messages' };
    const endpoint = (service: string, group: string) => ({
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.us-east-1.${service}`,
      State: 'available',
      PrivateDnsEnabled: true,
      Groups: [{ GroupId: group }],
    });
    const { of } = await diagnosisOf({
      cluster: clusterIn('override-cloudwatch'),
      answers: {
        logs: { describeLogGroups: async () => [] },
        ec2: {
          ...groups(taskGroup, messages, closedLogs),
          describeVpcEndpoints: async () => [
            endpoint('ssmmessages', 'sg-messages'),
            endpoint('logs', 'sg-logs'),
          ],
        },
      },
    });
    expect(of('security-groups')).toMatchObject({ status: 'warn' });
  });

  it('turns on both VPC attributes, one after the other', async () => {
    const { of } = await diagnosisOf(network({ describeVpcAttribute: async () => false }));
    expect(of('vpc-dns').fix?.command).toBe(
      'aws ec2 modify-vpc-attribute --vpc-id vpc-0123456789abcdef0 --enable-dns-support &&\n  aws ec2 modify-vpc-attribute --vpc-id vpc-0123456789abcdef0 --enable-dns-hostnames',
    );
  });
});
