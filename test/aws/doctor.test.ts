import { beforeEach, describe, expect, it } from 'vitest';
import { measureClockSkew } from '#aws/call/clock-skew.ts';
import { createIdentity } from '#aws/call/identity.ts';
import { createDoctorPorts } from '#aws/doctor.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import { type EndpointAnswer, startEndpoint } from '#test/fakes/fake-endpoint.ts';
import { connectionOf } from './connection.ts';
import { isolateAws, TEST_KEYS } from './environment.ts';

const aws = isolateAws();

beforeEach(() => aws.set({ ...TEST_KEYS, AWS_REGION: 'us-east-1', AWS_MAX_ATTEMPTS: '1' }));

type Ports = Omit<DoctorPorts, 'local'>;
type Ask = (ports: Ports) => Promise<unknown>;

/** Asks an AWS that gives these answers in order and repeats the last one; returns the outcome and the requests. */
async function ask(question: Ask, ...answers: readonly EndpointAnswer[]) {
  const endpoint = await startEndpoint((_, count) => answers[count - 1] ?? answers.at(-1) ?? {});
  const config = { endpointUrl: endpoint.url };
  const ports = createDoctorPorts(async () => connectionOf(config));
  const [outcome] = await Promise.allSettled([question(ports)]);
  return { outcome, requests: endpoint.requests };
}

const value = (expected: unknown) => ({ status: 'fulfilled', value: expected });
const json = (body: object, status = 200) => ({ status, body: JSON.stringify(body) });
const xml = (body: string, status = 200) => ({ status, body });
const ec2Error = (code: string, message: string, status: number) =>
  xml(
    `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>1</RequestID></Response>`,
    status,
  );
const queryError = (code: string, message: string, status: number) =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    status,
  );

const NOT_AUTHORIZED = 'User: arn:aws:iam::1:user/me is not authorized to perform';
const REQUEST = {
  PolicySourceArn: 'arn:aws:iam::1:role/r',
  ActionNames: ['a:B'],
  ResourceArns: ['*'],
  ContextEntries: [],
};

describe('a denied call names the missing action', () => {
  it.each<[string, Ask, EndpointAnswer]>([
    [
      'ecs:DescribeTaskDefinition',
      async ({ ecs }) => (await ecs()).describeTaskDefinition('app:1'),
      json(
        {
          __type: 'AccessDeniedException',
          message: `${NOT_AUTHORIZED}: ecs:DescribeTaskDefinition on resource: * because no identity-based policy allows the ecs:DescribeTaskDefinition action`,
        },
        400,
      ),
    ],
    [
      'iam:GetRole',
      async ({ iam }) => (await iam()).getRole('r'),
      queryError('AccessDenied', `${NOT_AUTHORIZED}: iam:GetRole on resource: role r`, 403),
    ],
    [
      'ec2:DescribeSubnets',
      async ({ ec2 }) => (await ec2()).describeSubnet('subnet-1'),
      ec2Error(
        'UnauthorizedOperation',
        'You are not authorized to perform this operation. Encoded authorization failure message: abc',
        403,
      ),
    ],
    [
      'kms:DescribeKey',
      async ({ keys }) => (await keys()).describeKey('k'),
      json({ __type: 'AccessDeniedException', Message: `${NOT_AUTHORIZED}: kms:DescribeKey` }, 400),
    ],
    [
      'logs:DescribeLogGroups',
      async ({ logs }) => (await logs()).describeLogGroups('/a'),
      json({ __type: 'AccessDeniedException', Message: 'denied' }, 400),
    ],
    ['s3:ListBucket', async ({ s3 }) => (await s3()).headBucket('b'), { status: 403 }],
    [
      's3:GetEncryptionConfiguration',
      async ({ s3 }) => (await s3()).bucketEncryption('b'),
      xml('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>', 403),
    ],
    [
      'ssm:DescribeSessions',
      async ({ sessions }) => (await sessions()).describeSessions('ecs:a_b_c'),
      json({ __type: 'AccessDeniedException', Message: 'denied' }, 400),
    ],
    [
      'cloudtrail:LookupEvents',
      async ({ trail }) => (await trail()).lookupExecEvents(),
      json({ __type: 'AccessDeniedException', Message: 'denied' }, 400),
    ],
  ])('%s', async (deniedAction, question, answer) => {
    const { outcome } = await ask(question, answer);
    expect(outcome).toMatchObject({
      reason: { name: 'EcshError', code: 'access-denied', deniedAction },
    });
  });
});

it('keeps fields of the cluster configuration that the SDK does not know', async () => {
  const configuration = {
    executeCommandConfiguration: { logging: 'NONE', later: true },
    managedStorageConfiguration: { kmsKeyId: 'k' },
    unknownToTheSdk: { of: ['a later API'] },
  };
  const answer = json({ clusters: [{ clusterName: 'prod', configuration }], failures: [] });
  const { outcome } = await ask(async ({ ecs }) => (await ecs()).describeCluster('prod'), answer);
  expect(outcome).toEqual(value({ clusterName: 'prod', configuration }));
});

describe('a missing resource is undefined', () => {
  it.each<[string, Ask, EndpointAnswer]>([
    [
      'a task definition',
      async ({ ecs }) => (await ecs()).describeTaskDefinition('app:1'),
      json({ __type: 'ClientException', message: 'Unable to describe task definition.' }, 400),
    ],
    [
      'a cluster',
      async ({ ecs }) => (await ecs()).describeCluster('prod'),
      json({ clusters: [], failures: [{ reason: 'MISSING' }] }),
    ],
    [
      'a role',
      async ({ iam }) => (await iam()).getRole('r'),
      queryError('NoSuchEntity', 'The role with name r cannot be found.', 404),
    ],
    [
      'a subnet',
      async ({ ec2 }) => (await ec2()).describeSubnet('subnet-1'),
      ec2Error('InvalidSubnetID.NotFound', 'gone', 400),
    ],
    [
      'a key',
      async ({ keys }) => (await keys()).describeKey('k'),
      json({ __type: 'NotFoundException', message: 'gone' }, 400),
    ],
    [
      'the encryption of a bucket',
      async ({ s3 }) => (await s3()).bucketEncryption('b'),
      xml(
        '<Error><Code>ServerSideEncryptionConfigurationNotFoundError</Code><Message>none</Message></Error>',
        404,
      ),
    ],
  ])('%s', async (_name, question, answer) => {
    expect((await ask(question, answer)).outcome).toEqual(value(undefined));
  });

  it('but describing a service in a missing cluster fails', async () => {
    const { outcome } = await ask(
      async ({ ecs }) => (await ecs()).describeService('prod', 'web'),
      json({ __type: 'ClusterNotFoundException', message: 'Cluster not found.' }, 400),
    );
    expect(outcome).toMatchObject({ reason: { code: 'cluster-not-found' } });
  });
});

describe('a bucket', () => {
  const head: Ask = async ({ s3 }) => (await s3()).headBucket('b');

  it.each<[string, EndpointAnswer, object]>([
    ['exists', { status: 200 }, { kind: 'there' }],
    ['is missing', { status: 404 }, { kind: 'missing' }],
    [
      'is in another region, which S3 names',
      { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
      { kind: 'elsewhere', region: 'eu-west-1' },
    ],
    [
      'is in another region, which S3 does not name',
      { status: 301 },
      { kind: 'elsewhere', region: undefined },
    ],
  ])('%s', async (_name, answer, state) => {
    const { outcome, requests } = await ask(head, answer);
    expect(outcome).toEqual(value(state));
    expect(requests).toMatchObject([{ method: 'HEAD', path: '/b/' }]);
  });
});

it('requests a bucket by path from an endpoint that the environment sets', async () => {
  const endpoint = await startEndpoint(() => ({ status: 200 }));
  aws.set({ AWS_ENDPOINT_URL: endpoint.url.replace('127.0.0.1', 'localhost') });
  const ports = createDoctorPorts(async () => connectionOf({}));
  expect(await (await ports.s3()).headBucket('audit')).toEqual({ kind: 'there' });
  expect(endpoint.requests).toMatchObject([{ path: '/audit/' }]);
});

it('reads all pages of a policy simulation', async () => {
  const page = (action: string, marker: string) =>
    xml(
      `<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>${marker !== ''}</IsTruncated>${marker}<EvaluationResults><member><EvalActionName>${action}</EvalActionName><EvalDecision>allowed</EvalDecision></member></EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`,
    );
  const { outcome, requests } = await ask(
    async ({ iam }) => (await iam()).simulate(REQUEST),
    page('a:B', '<Marker>next</Marker>'),
    page('a:C', ''),
  );
  expect(outcome).toMatchObject(value([{ EvalActionName: 'a:B' }, { EvalActionName: 'a:C' }]));
  expect(requests.map(({ body }) => new URLSearchParams(body).get('Marker'))).toEqual([
    null,
    'next',
  ]);
});

describe('an empty response is an error, not a missing resource', () => {
  const anyXml = (operation: string) =>
    xml(`<${operation}Response><${operation}Result/></${operation}Response>`);

  it.each<[string, Ask, EndpointAnswer]>([
    ['DescribeClusters', async ({ ecs }) => (await ecs()).describeCluster('prod'), json({})],
    ['DescribeServices', async ({ ecs }) => (await ecs()).describeService('prod', 'w'), json({})],
    [
      'DescribeTaskDefinition',
      async ({ ecs }) => (await ecs()).describeTaskDefinition('a:1'),
      json({}),
    ],
    [
      'DescribeContainerInstances',
      async ({ ecs }) => (await ecs()).describeContainerInstance('prod', 'i'),
      json({}),
    ],
    [
      'DescribeCapacityProviders',
      async ({ ecs }) => (await ecs()).describeCapacityProvider('cp'),
      json({}),
    ],
    ['DescribeKey', async ({ keys }) => (await keys()).describeKey('k'), json({})],
    ['DescribeLogGroups', async ({ logs }) => (await logs()).describeLogGroups('/a'), json({})],
    ['GetRole', async ({ iam }) => (await iam()).getRole('r'), anyXml('GetRole')],
    [
      'GetInstanceProfile',
      async ({ iam }) => (await iam()).instanceProfileRoles('p'),
      anyXml('GetInstanceProfile'),
    ],
    [
      'GetCallerIdentity',
      async ({ sts }) => (await sts()).getCallerIdentity(),
      anyXml('GetCallerIdentity'),
    ],
    ['GetBucketEncryption', async ({ s3 }) => (await s3()).bucketEncryption('b'), xml('')],
  ])('%s', async (operation, question, answer) => {
    const { outcome } = await ask(question, answer);
    expect(outcome).toMatchObject({
      reason: { code: 'answer-unreadable', message: `The answer to ${operation} was empty.` },
    });
  });

  it('and so is a response whose fields have the wrong type', async () => {
    const { outcome } = await ask(
      async ({ ecs }) => (await ecs()).describeService('prod', 'web'),
      json({ services: [{ serviceName: 'web', createdAt: 'yesterday' }] }),
    );
    expect(outcome).toMatchObject({ reason: { code: 'answer-unreadable' } });
  });
});

it('fails if the next page of a list has the same token again', async () => {
  const { outcome, requests } = await ask(
    async ({ logs }) => (await logs()).describeLogGroups('/a'),
    json({ logGroups: [{ logGroupName: '/a' }], nextToken: 'again' }),
  );
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'answer-unreadable' } });
  expect(requests).toHaveLength(2);
});

it('reads the main route table for a subnet that has none of its own', async () => {
  const tables = (items: string) =>
    xml(
      `<DescribeRouteTablesResponse><routeTableSet>${items}</routeTableSet></DescribeRouteTablesResponse>`,
    );
  const { outcome, requests } = await ask(
    async ({ ec2 }) => (await ec2()).describeRouteTable('subnet-1', 'vpc-1'),
    tables(''),
    tables('<item><routeTableId>rtb-main</routeTableId></item>'),
  );
  expect(outcome).toMatchObject(value({ RouteTableId: 'rtb-main' }));
  expect(requests.map(({ body }) => new URLSearchParams(body).get('Filter.1.Name'))).toEqual([
    'association.subnet-id',
    'association.main',
  ]);
});

describe('the clock of AWS', () => {
  const date = new Date('2026-03-01T12:00:00Z').toUTCString();

  it.each<[string, EndpointAnswer]>([
    ['an answer', xml('<GetCallerIdentityResponse/>')],
    ['a refusal', queryError('SignatureDoesNotMatch', 'Signature expired', 403)],
  ])('is read from the date of %s', async (_name, answer) => {
    const endpoint = await startEndpoint(() => ({ ...answer, headers: { date } }));
    const config = { endpointUrl: endpoint.url };
    const skew = await measureClockSkew(config, createIdentity(config));
    expect(Math.abs(Date.now() + skew - Date.parse(date))).toBeLessThan(5_000);
  });
});
