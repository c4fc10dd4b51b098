import { describe, expect, it } from 'vitest';
import type { VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import { clusterIn, denied, diagnosisOf, KEY, type World } from '#test/fakes/doctor-world.ts';
import { endpoints, routeTable } from './network-facts.ts';

type Ec2 = NonNullable<NonNullable<World['answers']>['ec2']>;

const ISOLATED: Ec2 = { describeRouteTable: async () => routeTable('route-isolated-main') };
const list = (found: readonly VpcEndpointDetails[]): Ec2 => ({
  describeVpcEndpoints: async () => found,
});
const named = (name: string): Ec2 => list(endpoints(name));
/** All endpoints except that of one service. */
const without = (service: string): Ec2 =>
  list(endpoints('vpc-endpoints-complete').filter((e) => !e.ServiceName?.endsWith(`.${service}`)));
const changed = (service: string, changes: VpcEndpointDetails): Ec2 =>
  list(
    endpoints('vpc-endpoints-complete').map((e) =>
      e.ServiceName?.endsWith(`.${service}`) ? { ...e, ...changes } : e,
    ),
  );

/** A cluster with a session key, a log group and a bucket; it requires encryption for both logs. */
const world = (ec2: Ec2, cluster = 'override-both-kms'): World => ({
  cluster: clusterIn(cluster),
  answers: {
    ec2,
    keys: { describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }) },
    logs: { describeLogGroups: async () => [] },
    s3: { bucketEncryption: async () => ({ SSEAlgorithm: 'AES256' }) },
  },
});

describe.each<
  [
    id: string,
    cases: readonly (readonly [name: string, given: World, status: string, message: RegExp])[],
  ]
>([
  [
    'vpce-ssmmessages',
    [
      ['passes', world({}), 'pass', /vpce-00000000000000003 serves ssmmessages/],
      [
        'fails if there is neither an endpoint nor a route',
        world({ ...ISOLATED, ...named('vpc-endpoints-no-ssmmessages') }),
        'fail',
        /No ssmmessages endpoint in vpc-0123456789abcdef0 and no internet route\. Only ssmmessages is needed for ECS Exec; ssm and ec2messages are not\./,
      ],
      [
        'warns if the VPC has endpoints for ECS but none for ssmmessages',
        world(named('vpc-endpoints-no-ssmmessages')),
        'warn',
        /where endpoints for ECS are in use\. AWS recommends one; the agent reaches ssmmessages through NAT gateway/,
      ],
      ['is skipped if the task has an internet route', world(list([])), 'skip', /Not needed/],
      [
        'names the missing permission',
        world({ describeVpcEndpoints: denied }),
        'unknown',
        /ec2:DescribeVpcEndpoints/,
      ],
      [
        'is unknown without permission to describe the route table',
        world({ ...list([]), describeRouteTable: denied }),
        'unknown',
        /ec2:DescribeRouteTables/,
      ],
    ],
  ],
  [
    'vpce-kms',
    [
      ['is skipped without a session key', {}, 'skip', /no session key/],
      ['passes', world({}), 'pass', /serves kms/],
      [
        'fails if there is neither an endpoint nor a route',
        world({ ...ISOLATED, ...without('kms') }),
        'fail',
        /Sessions use key arn:.* but vpc-0123456789abcdef0 has no KMS endpoint and no internet route/,
      ],
      [
        'warns if only endpoints for other services exist',
        world(without('kms')),
        'warn',
        /No kms endpoint/,
      ],
      [
        'accepts the FIPS endpoint',
        world(changed('kms', { ServiceName: 'com.amazonaws.us-east-1.kms-fips' })),
        'pass',
        /serves kms/,
      ],
    ],
  ],
  [
    'vpce-logs',
    [
      ['is skipped if sessions are not logged', {}, 'skip', /not logged/],
      ['passes', world({}), 'pass', /serves logs/],
      [
        'warns that logs are lost',
        world({ ...ISOLATED, ...without('logs') }, 'override-cloudwatch'),
        'warn',
        /has no path to CloudWatch Logs: session logs to \/aws\/ecs\/exec-audit are lost\.$/,
      ],
      [
        'fails if encryption is required',
        world({ ...ISOLATED, ...without('logs') }),
        'fail',
        /are lost, and because encryption is required sessions are refused\./,
      ],
      [
        'is skipped if the task has an internet route',
        world(without('logs')),
        'skip',
        /Not needed/,
      ],
    ],
  ],
  [
    'vpce-s3',
    [
      ['passes if the route table has the gateway endpoint', world({}), 'pass', /serves s3/],
      [
        'fails if the gateway endpoint belongs to another route table',
        world({ ...ISOLATED, ...changed('s3', { RouteTableIds: ['rtb-other'] }) }),
        'fail',
        /has no path to S3: session logs to example-exec-audit are lost, and because/,
      ],
      [
        'passes for an interface endpoint',
        world({
          ...ISOLATED,
          ...changed('s3', { VpcEndpointType: 'Interface', PrivateDnsEnabled: true }),
        }),
        'pass',
        /serves s3/,
      ],
      ['is skipped if the task has an internet route', world(without('s3')), 'skip', /Not needed/],
    ],
  ],
  [
    'vpce-usable',
    [
      ['passes', world({}), 'pass', /endpoints work\./],
      ['is skipped without endpoints', world(list([])), 'skip', /The agent uses no endpoint/],
      [
        'fails on state and private DNS, and names the policy at fault',
        world({ ...ISOLATED, ...named('vpc-endpoints-ssmmessages-broken') }),
        'fail',
        /vpce-00000000000000003 for ssmmessages has private DNS off, and the subnet has no other route out\. Endpoint vpce-00000000000000007 for kms is pending, and the subnet has no other route out\. Endpoint vpce-00000000000000008 for logs has a policy that does not allow logs:DescribeLogGroups, logs:DescribeLogStreams\.$/,
      ],
      [
        'fails if the endpoint policy denies the actions, even with another route out',
        world(changed('ssmmessages', { PolicyDocument: '{"Statement":[]}' })),
        'fail',
        /does not allow ssmmessages:CreateControlChannel/,
      ],
      [
        'fails if the policy allows only another bucket',
        world(
          changed('s3', {
            PolicyDocument:
              '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other*"}]}',
          }),
        ),
        'fail',
        /for s3 has a policy that does not allow s3:PutObject, s3:GetEncryptionConfiguration/,
      ],
      [
        'passes if the policy names the bucket',
        world(
          changed('s3', {
            PolicyDocument:
              '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::example-exec-audit","arn:aws:s3:::example-exec-audit/*"]}]}',
          }),
        ),
        'pass',
        /endpoints work/,
      ],
      [
        'warns if only session logs depend on the endpoint',
        world({ ...ISOLATED, ...changed('logs', { State: 'rejected' }) }, 'override-cloudwatch'),
        'warn',
        /for logs is rejected/,
      ],
      [
        'ignores endpoints for other services',
        world(changed('ecs', { State: 'rejected' })),
        'pass',
        /endpoints work\./,
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

describe('a suggested command', () => {
  const commandOf = async (id: string, ec2: Ec2) =>
    (await diagnosisOf(world({ ...ISOLATED, ...ec2 }))).of(id).fix?.command;

  it("opens the task's own group if no other group accepts the traffic", async () => {
    const taskGroup = {
      GroupId: 'sg-0task1111111111111',
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    };
    const groups = { describeSecurityGroups: async () => [taskGroup] };
    expect(await commandOf('vpce-ssmmessages', { ...without('ssmmessages'), ...groups })).toMatch(
      /^aws ec2 authorize-security-group-ingress --group-id sg-0task1111111111111 --protocol tcp --port 443 --source-group sg-0task1111111111111 &&\n {2}aws ec2 create-vpc-endpoint .* --security-group-ids sg-0task1111111111111$/,
    );
  });

  it('does not extend a policy that denies', async () => {
    const deny = { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' };
    const policy = { PolicyDocument: JSON.stringify({ Statement: [deny] }) };
    const { fix } = (await diagnosisOf(world(changed('ssmmessages', policy)))).of('vpce-usable');
    expect(fix?.command).toBeUndefined();
    expect(fix?.summary).toMatch(
      /^Let its policy allow ssmmessages:CreateControlChannel, .* for arn/,
    );
  });

  it('creates the missing endpoint', async () => {
    expect(await commandOf('vpce-ssmmessages', without('ssmmessages'))).toBe(
      'aws ec2 create-vpc-endpoint --vpc-id vpc-0123456789abcdef0 --service-name com.amazonaws.us-east-1.ssmmessages --vpc-endpoint-type Interface --private-dns-enabled --subnet-ids subnet-0aaa1111bbbb2222c --security-group-ids sg-0endpoint111111111',
    );
    expect(await commandOf('vpce-s3', without('s3'))).toBe(
      'aws ec2 create-vpc-endpoint --vpc-id vpc-0123456789abcdef0 --service-name com.amazonaws.us-east-1.s3 --vpc-endpoint-type Gateway --route-table-ids rtb-0private1111111111',
    );
  });

  it.each<[VpcEndpointDetails, string]>([
    [
      { State: 'pending' },
      'aws ec2 describe-vpc-endpoints --vpc-endpoint-ids vpce-00000000000000003',
    ],
    [
      { PrivateDnsEnabled: false },
      'aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-00000000000000003 --private-dns-enabled',
    ],
    [
      { PolicyDocument: '{"Version":"2012-10-17","Statement":[]}' },
      `aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-00000000000000003 --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app-task-role"},"Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"}]}'`,
    ],
  ])('repairs the endpoint: %j', async (changes, command) => {
    expect(await commandOf('vpce-usable', changed('ssmmessages', changes))).toBe(command);
  });
});
