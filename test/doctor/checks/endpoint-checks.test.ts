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
/** Everything but the endpoint of one service. */
const without = (service: string): Ec2 =>
  list(endpoints('vpc-endpoints-complete').filter((e) => !e.ServiceName?.endsWith(`.${service}`)));
const changed = (service: string, changes: VpcEndpointDetails): Ec2 =>
  list(
    endpoints('vpc-endpoints-complete').map((e) =>
      e.ServiceName?.endsWith(`.${service}`) ? { ...e, ...changes } : e,
    ),
  );

/** Session key, log group and bucket, of which both have to be encrypted. */
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
        'fails without it and without a route',
        world({ ...ISOLATED, ...named('vpc-endpoints-no-ssmmessages') }),
        'fail',
        /No ssmmessages endpoint in vpc-0123456789abcdef0 and no internet route\. Only ssmmessages is needed for ECS Exec; ssm and ec2messages are not\./,
      ],
      [
        'warns where endpoints for ECS are in use',
        world(named('vpc-endpoints-no-ssmmessages')),
        'warn',
        /where endpoints for ECS are in use\. AWS recommends one; the agent reaches ssmmessages through NAT gateway/,
      ],
      ['skips where the internet does', world(list([])), 'skip', /Not needed/],
      [
        'names the missing permission',
        world({ describeVpcEndpoints: denied }),
        'unknown',
        /ec2:DescribeVpcEndpoints/,
      ],
      [
        'does not know without the route',
        world({ ...list([]), describeRouteTable: denied }),
        'unknown',
        /ec2:DescribeRouteTables/,
      ],
    ],
  ],
  [
    'vpce-kms',
    [
      ['skips without a key', {}, 'skip', /no session key/],
      ['passes', world({}), 'pass', /serves kms/],
      [
        'fails without a route',
        world({ ...ISOLATED, ...without('kms') }),
        'fail',
        /Sessions use key arn:.* but vpc-0123456789abcdef0 has no KMS endpoint and no internet route/,
      ],
      ['warns beside other endpoints', world(without('kms')), 'warn', /No kms endpoint/],
      [
        'takes the FIPS one',
        world(changed('kms', { ServiceName: 'com.amazonaws.us-east-1.kms-fips' })),
        'pass',
        /serves kms/,
      ],
    ],
  ],
  [
    'vpce-logs',
    [
      ['skips where nothing is logged', {}, 'skip', /not logged/],
      ['passes', world({}), 'pass', /serves logs/],
      [
        'warns that logs are lost',
        world({ ...ISOLATED, ...without('logs') }, 'override-cloudwatch'),
        'warn',
        /has no path to CloudWatch Logs: session logs to \/aws\/ecs\/exec-audit are lost\.$/,
      ],
      [
        'fails where encryption is required',
        world({ ...ISOLATED, ...without('logs') }),
        'fail',
        /are lost, and because encryption is required sessions are refused\./,
      ],
      ['skips where the internet does', world(without('logs')), 'skip', /Not needed/],
    ],
  ],
  [
    'vpce-s3',
    [
      ['passes by a gateway in the route table', world({}), 'pass', /serves s3/],
      [
        'fails for one that is not in it',
        world({ ...ISOLATED, ...changed('s3', { RouteTableIds: ['rtb-other'] }) }),
        'fail',
        /has no path to S3: session logs to example-exec-audit are lost, and because/,
      ],
      [
        'passes by an interface',
        world({
          ...ISOLATED,
          ...changed('s3', { VpcEndpointType: 'Interface', PrivateDnsEnabled: true }),
        }),
        'pass',
        /serves s3/,
      ],
      ['skips where the internet does', world(without('s3')), 'skip', /Not needed/],
    ],
  ],
  [
    'vpce-usable',
    [
      ['passes', world({}), 'pass', /endpoints work\./],
      ['skips without one', world(list([])), 'skip', /The agent uses no endpoint/],
      [
        'fails for state and DNS, and names a policy',
        world({ ...ISOLATED, ...named('vpc-endpoints-ssmmessages-broken') }),
        'fail',
        /vpce-00000000000000003 for ssmmessages has private DNS off, and the subnet has no other route out\. Endpoint vpce-00000000000000007 for kms is pending, and the subnet has no other route out\. Endpoint vpce-00000000000000008 for logs has a policy that does not allow logs:DescribeLogGroups, logs:DescribeLogStreams\.$/,
      ],
      [
        'fails for a policy that certainly refuses, whatever else leads out',
        world(changed('ssmmessages', { PolicyDocument: '{"Statement":[]}' })),
        'fail',
        /does not allow ssmmessages:CreateControlChannel/,
      ],
      [
        'fails for a policy that names another bucket',
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
        'passes for a policy that names the bucket',
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
        'warns where only a log depends on it',
        world({ ...ISOLATED, ...changed('logs', { State: 'rejected' }) }, 'override-cloudwatch'),
        'warn',
        /for logs is rejected/,
      ],
      [
        'looks at no others',
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

describe('the commands', () => {
  const commandOf = async (id: string, ec2: Ec2) =>
    (await diagnosisOf(world({ ...ISOLATED, ...ec2 }))).of(id).fix?.command;

  it('open the group of the task where no other accepts it', async () => {
    const taskGroup = {
      GroupId: 'sg-0task1111111111111',
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    };
    const groups = { describeSecurityGroups: async () => [taskGroup] };
    expect(await commandOf('vpce-ssmmessages', { ...without('ssmmessages'), ...groups })).toMatch(
      /^aws ec2 authorize-security-group-ingress --group-id sg-0task1111111111111 --protocol tcp --port 443 --source-group sg-0task1111111111111 &&\n {2}aws ec2 create-vpc-endpoint .* --security-group-ids sg-0task1111111111111$/,
    );
  });

  it('do not add to a policy that denies', async () => {
    const deny = { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' };
    const policy = { PolicyDocument: JSON.stringify({ Statement: [deny] }) };
    const { fix } = (await diagnosisOf(world(changed('ssmmessages', policy)))).of('vpce-usable');
    expect(fix?.command).toBeUndefined();
    expect(fix?.summary).toMatch(
      /^Let its policy allow ssmmessages:CreateControlChannel, .* for arn/,
    );
  });

  it('create what is missing', async () => {
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
  ])('repair %j', async (changes, command) => {
    expect(await commandOf('vpce-usable', changed('ssmmessages', changes))).toBe(command);
  });
});
