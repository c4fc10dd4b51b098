import { describe, expect, it, onTestFinished } from 'vitest';
import { createDoctorPorts } from '#aws/doctor.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { startSimulator } from '#simulator/simulator.ts';
import { connectionOf } from '#test/aws/connection.ts';
import { isolateAws } from '#test/aws/environment.ts';
import { callApi } from '#test/simulator/api/api-call.ts';

const aws = isolateAws();
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';

type Ports = Omit<DoctorPorts, 'local'>;

/** The client's own adapters, connected to a simulated account. */
async function portsOf(fleet: object): Promise<Ports> {
  const simulator = await startSimulator({ fleet: parseFleet(fleet), env: process.env });
  onTestFinished(() => simulator.stop());
  aws.set({ ...simulator.environment });
  const config = { endpointUrl: simulator.endpoint };
  return createDoctorPorts(async () => connectionOf(config));
}

const APP = [{ name: 'app' }];

/** One service `web` in cluster `prod`, with these fields. */
const withService = (service: object, rest: object = {}) => ({
  clusters: [{ name: 'prod', services: [{ name: 'web', containers: APP, ...service }] }],
  ...rest,
});

const TASK_ROLE = 'arn:aws:iam::123456789012:role/prod-task';
const CHANNEL = {
  PolicySourceArn: TASK_ROLE,
  ActionNames: ['ssmmessages:OpenDataChannel'],
  ResourceArns: ['*'],
  ContextEntries: [],
};

async function networkOf({ ec2 }: Ports) {
  const api = await ec2();
  const subnet = await api.describeSubnet(await attachmentDetail('subnetId'));
  if (subnet?.VpcId === undefined || subnet.SubnetId === undefined) throw new Error('no subnet');
  const endpoints = await api.describeVpcEndpoints(subnet.VpcId);
  return {
    subnet,
    routeTable: await api.describeRouteTable(subnet.SubnetId, subnet.VpcId),
    endpoints,
    dnsSupport: await api.describeVpcAttribute(subnet.VpcId, 'enableDnsSupport'),
    networkInterface: await api.describeNetworkInterface(
      await attachmentDetail('networkInterfaceId'),
    ),
  };
}

/** Calls the simulator that started last. */
function ecs(operation: string, input: object) {
  const { AWS_ENDPOINT_URL: endpoint = '', AWS_REGION: region = '' } = process.env;
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env;
  const environment = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  return callApi(
    { endpoint, region, environment },
    `AmazonEC2ContainerServiceV20141113.${operation}`,
    input,
  );
}

/** Returns the only task of the fleet as JSON. */
async function shownTask(cluster = 'prod'): Promise<string> {
  const listed = await ecs('ListTasks', { cluster });
  const { body } = await ecs('DescribeTasks', { cluster, tasks: listed.body.taskArns });
  return JSON.stringify(body);
}

/** Returns a detail of the network interface of the only task. */
async function attachmentDetail(name: string): Promise<string> {
  return firstMatch(await shownTask(), `"name":"${name}","value":"([^"]+)"`);
}

async function fieldOfTask(name: string, cluster?: string): Promise<string> {
  return firstMatch(await shownTask(cluster), `"${name}":"([^"]+)"`);
}

function firstMatch(text: string, pattern: string): string {
  const found = new RegExp(pattern).exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${pattern} in ${text}`);
  return found;
}

describe('a default account', () => {
  it('has roles for tasks and for ECS', async () => {
    const iam = await (await portsOf(withService({}))).iam();
    expect(await iam.getRole('prod-task')).toMatchObject({ Arn: TASK_ROLE });
    expect(await iam.getRole('AWSServiceRoleForECS')).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
    });
    expect(await iam.getRole('nobody')).toBeUndefined();
    expect(await iam.simulate(CHANNEL)).toMatchObject([{ EvalDecision: 'allowed' }]);
  });

  it('has private subnets with a NAT gateway', async () => {
    expect(await networkOf(await portsOf(withService({})))).toMatchObject({
      subnet: { OwnerId: '123456789012' },
      routeTable: {
        Routes: [
          { GatewayId: 'local' },
          {
            DestinationCidrBlock: '0.0.0.0/0',
            State: 'active',
            NatGatewayId: expect.stringMatching(/^nat-/),
          },
        ],
      },
      endpoints: [],
      dnsSupport: true,
      networkInterface: { Groups: [{ GroupId: expect.stringMatching(/^sg-/) }] },
    });
  });

  it('has the log destinations that a cluster names', async () => {
    const logConfiguration = {
      cloudWatchLogGroupName: '/audit',
      cloudWatchEncryptionEnabled: true,
      s3BucketName: 'audit',
    };
    const cluster = { name: 'prod', kmsKeyId: KEY, logging: 'OVERRIDE', logConfiguration };
    const ports = await portsOf({ clusters: [cluster] });
    expect(await (await ports.keys()).describeKey(KEY)).toMatchObject({ KeyState: 'Enabled' });
    expect(await (await ports.keys()).getKeyPolicy(KEY)).toContain('"Action":"kms:*"');
    expect(await (await ports.logs()).describeLogGroups('/aud')).toMatchObject([
      { logGroupName: '/audit', kmsKeyId: expect.stringContaining(':key/') },
    ]);
    expect(await (await ports.s3()).headBucket('audit')).toEqual({ kind: 'there' });
    expect(await (await ports.s3()).bucketEncryption('audit')).toEqual({ SSEAlgorithm: 'AES256' });
  });

  it('returns the instance of an EC2 task, and the role of its profile', async () => {
    const ports = await portsOf(withService({ launchType: 'EC2', capacityProvider: 'asg' }));
    const details = await ports.ecs();
    const instance = await details.describeContainerInstance(
      'prod',
      await fieldOfTask('containerInstanceArn'),
    );
    const { ec2InstanceId = '', attributes = [] } = instance ?? {};
    const ami = attributes.find(({ name }) => name === 'ecs.ami-id')?.value ?? '';
    const ec2 = await ports.ec2();
    expect(instance).toMatchObject({ agentConnected: true, status: 'ACTIVE' });
    expect(await ec2.describeInstance(ec2InstanceId)).toMatchObject({
      IamInstanceProfile: {
        Arn: 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole',
      },
      SecurityGroups: [{ GroupId: expect.stringMatching(/^sg-/) }],
    });
    expect(await ec2.describeImage(ami)).toMatchObject({ Name: expect.stringContaining('ecs') });
    expect(await (await ports.iam()).instanceProfileRoles('ecsInstanceRole')).toEqual([
      'arn:aws:iam::123456789012:role/ecsInstanceRole',
    ]);
    expect(await details.describeCapacityProvider('asg')).toMatchObject({
      autoScalingGroupProvider: { managedScaling: { status: 'ENABLED' } },
    });
  });
});

describe('a fleet file can describe', () => {
  it.each<[string, object, object]>([
    ['a shared subnet', { sharedBy: '210987654321' }, { subnet: { OwnerId: '210987654321' } }],
    [
      'a black hole route',
      { route: 'blackhole' },
      { routeTable: { Routes: [{}, { State: 'blackhole' }] } },
    ],
    ['no route', { route: 'none' }, { routeTable: { Routes: [{ GatewayId: 'local' }] } }],
    [
      'a public address',
      { route: 'internet-gateway', hasPublicIp: true },
      { networkInterface: { Association: { PublicIp: '203.0.113.10' } } },
    ],
    [
      'an unusable endpoint',
      { endpoints: [{ service: 'ssmmessages', state: 'pending', privateDns: false }] },
      {
        endpoints: [
          {
            ServiceName: 'com.amazonaws.us-east-1.ssmmessages',
            State: 'pending',
            PrivateDnsEnabled: false,
          },
        ],
      },
    ],
    ['disabled DNS', { dnsSupport: false }, { dnsSupport: false }],
  ])('%s', async (_name, network, seen) => {
    expect(await networkOf(await portsOf(withService({ network })))).toMatchObject(seen);
  });

  it('a closed security group', async () => {
    const endpoints = [{ service: 'ssmmessages', admitsTasks: false }];
    const ports = await portsOf(withService({ network: { endpoints, egressPorts: [5432] } }));
    const { networkInterface, endpoints: found } = await networkOf(ports);
    const groups = [...(networkInterface?.Groups ?? []), ...(found[0]?.Groups ?? [])];
    const ids = groups.map(({ GroupId = '' }) => GroupId);
    expect(await (await ports.ec2()).describeSecurityGroups([...ids, 'sg-gone'])).toMatchObject([
      { IpPermissionsEgress: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 }] },
      { IpPermissions: [] },
    ]);
  });

  it('a different task definition', async () => {
    const taskDefinition = { taskRoleArn: null, pidMode: 'task' };
    const environment = [{ name: 'HTTPS_PROXY', value: 'http://proxy' }];
    const containers = [{ name: 'app', definition: { environment, logConfiguration: null } }];
    const details = await (await portsOf(withService({ taskDefinition, containers }))).ecs();
    const shown = await details.describeTaskDefinition('web');
    expect(shown).toMatchObject({ pidMode: 'task', containerDefinitions: [{ environment }] });
    expect(shown?.taskRoleArn).toBeUndefined();
    expect(shown?.containerDefinitions?.[0]?.logConfiguration).toBeUndefined();
  });

  it.each<[string, object, object]>([
    [
      'a role without permission',
      { roles: [{ name: 'prod-task', allow: ['logs:*'] }] },
      { EvalDecision: 'implicitDeny', MatchedStatements: [] },
    ],
    [
      'a role with a deny',
      { roles: [{ name: 'prod-task', allow: ['*'], deny: ['ssmmessages:*'] }] },
      {
        EvalDecision: 'explicitDeny',
        MatchedStatements: [{ SourcePolicyId: 'role_prod-task_inline' }],
      },
    ],
    [
      'a permissions boundary that blocks',
      { roles: [{ name: 'prod-task', allow: ['*'], boundary: ['s3:*'] }] },
      {
        EvalDecision: 'implicitDeny',
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      },
    ],
    [
      'an organization that denies',
      { organization: { deny: ['ssmmessages:*'] } },
      {
        EvalDecision: 'implicitDeny',
        OrganizationsDecisionDetail: { AllowedByOrganizations: false },
      },
    ],
  ])('%s', async (_name, rest, evaluation) => {
    const iam = await (await portsOf(withService({}, rest))).iam();
    expect(await iam.simulate(CHANNEL)).toMatchObject([evaluation]);
  });

  it('keys, log groups and buckets with faults', async () => {
    const ports = await portsOf({
      clusters: [{ name: 'prod', kmsKeyId: KEY }],
      keys: [{ id: KEY, state: 'PendingDeletion' }],
      logGroups: [{ name: '/plain' }, { name: '/plain-old', kmsKeyId: KEY }],
      buckets: [
        { name: 'open', encryption: 'none' },
        { name: 'far', region: 'eu-west-1' },
        { name: 'theirs', account: '210987654321' },
      ],
    });
    expect(await (await ports.keys()).describeKey(KEY)).toMatchObject({
      KeyState: 'PendingDeletion',
    });
    expect(await (await ports.logs()).describeLogGroups('/plain')).toMatchObject([
      { logGroupName: '/plain' },
      { logGroupName: '/plain-old', kmsKeyId: KEY },
    ]);
    const s3 = await ports.s3();
    expect(await s3.bucketEncryption('open')).toBeUndefined();
    expect(await s3.headBucket('far')).toEqual({ kind: 'elsewhere', region: 'eu-west-1' });
    expect(await s3.headBucket('gone')).toEqual({ kind: 'missing' });
    expect(await s3.bucketEncryption('theirs', '210987654321')).toEqual({ SSEAlgorithm: 'AES256' });
    await expect(s3.bucketEncryption('theirs', '123456789012')).rejects.toMatchObject({
      code: 'access-denied',
    });
  });

  it.each<[string, (ports: Ports) => Promise<unknown>]>([
    ['ecs:DescribeTaskDefinition', async ({ ecs }) => (await ecs()).describeTaskDefinition('web')],
    ['sts:GetCallerIdentity', async ({ sts }) => (await sts()).getCallerIdentity()],
    ['iam:GetRole', async ({ iam }) => (await iam()).getRole('prod-task')],
    ['iam:SimulatePrincipalPolicy', async ({ iam }) => (await iam()).simulate(CHANNEL)],
    ['ec2:DescribeVpcEndpoints', async ({ ec2 }) => (await ec2()).describeVpcEndpoints('vpc-1')],
    ['kms:DescribeKey', async ({ keys }) => (await keys()).describeKey(KEY)],
    ['logs:DescribeLogGroups', async ({ logs }) => (await logs()).describeLogGroups('/')],
    ['s3:ListBucket', async ({ s3 }) => (await s3()).headBucket('audit')],
    ['s3:GetEncryptionConfiguration', async ({ s3 }) => (await s3()).bucketEncryption('audit')],
    ['ssm:DescribeSessions', async ({ sessions }) => (await sessions()).describeSessions('t')],
    ['cloudtrail:LookupEvents', async ({ trail }) => (await trail()).lookupExecEvents()],
  ])('a deny of %s', async (deniedAction, question) => {
    const ports = await portsOf(withService({}, { deny: [deniedAction] }));
    await expect(question(ports)).rejects.toMatchObject({ code: 'access-denied', deniedAction });
  });
});

it('a simulation returns all pages', async () => {
  const ports = await portsOf(withService({}));
  const names = Array.from({ length: 130 }, (_, index) => `s3:Get${index}`);
  const answers = await (await ports.iam()).simulate({ ...CHANNEL, ActionNames: names });
  expect(answers.map(({ EvalActionName }) => EvalActionName)).toEqual(names);
});

it('open sessions are listed, and calls are recorded by CloudTrail', async () => {
  const services = [{ name: 'web', containers: APP }];
  const ports = await portsOf({ clusters: [{ name: 'my_prod', services }] });
  const task = await fieldOfTask('taskArn', 'my_prod');
  const id = task.slice(task.lastIndexOf('/') + 1);
  const target = `ecs:my_prod_${id}_${await fieldOfTask('runtimeId', 'my_prod')}`;
  const input = { cluster: 'my_prod', task, command: 'sleep 60', interactive: true };
  const { body } = await ecs('ExecuteCommand', input);
  const [event] = await (await ports.trail()).lookupExecEvents();
  expect(event).toMatchObject({ Username: 'simulator', EventTime: expect.any(Date) });
  expect(JSON.parse(event?.CloudTrailEvent ?? '')).toMatchObject({
    eventName: 'ExecuteCommand',
    requestParameters: { cluster: 'my_prod', task: id, container: 'app', command: 'sleep 60' },
  });
  const sessions = await ports.sessions();
  expect(await sessions.describeSessions(target)).toMatchObject([
    { SessionId: Object(body.session).sessionId, StartDate: expect.any(Date) },
  ]);
  expect(await sessions.describeSessions('ecs:my_prod_other_1')).toEqual([]);
});
