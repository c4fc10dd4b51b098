import {
  CreateServiceLinkedRoleCommand,
  GetRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';

const keyArn = (name: string) => `arn:aws:kms:us-east-1:123456789012:key/${name}`;

let simulator: Simulator;

beforeAll(async () => {
  const fleet = parseFleet({
    keys: [
      { id: keyArn('off'), state: 'Disabled' },
      { id: keyArn('doomed'), state: 'PendingDeletion' },
    ],
    roles: [
      { name: 'lambda', trust: ['lambda.amazonaws.com'], allow: ['ssmmessages:*'] },
      { name: 'AWSServiceRoleForECS', exists: false },
    ],
    buckets: [
      { name: 'gone', exists: false },
      { name: 'plain', encryption: 'none' },
    ],
    clusters: [{ name: 'prod' }],
  });
  simulator = await startSimulator({ fleet, env: process.env });
});

afterAll(() => simulator.stop());

const settings = (region = 'us-east-1') => ({
  region,
  endpoint: simulator.endpoint,
  credentials: {
    accessKeyId: simulator.environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: simulator.environment.AWS_SECRET_ACCESS_KEY ?? '',
  },
});

describe('CreateBucket', () => {
  const s3 = (region?: string) => new S3Client({ ...settings(region), forcePathStyle: true });
  const make = (Bucket: string, region?: string, LocationConstraint?: BucketLocationConstraint) =>
    s3(region).send(
      new CreateBucketCommand({
        Bucket,
        ...(LocationConstraint && { CreateBucketConfiguration: { LocationConstraint } }),
      }),
    );

  it.each(['made', 'gone'])('creates %s, encrypted by default', async (name) => {
    expect(await make(name)).toMatchObject({ Location: `/${name}` });
    const { ServerSideEncryptionConfiguration: encryption } = await s3().send(
      new GetBucketEncryptionCommand({ Bucket: name }),
    );
    expect(encryption?.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
  });

  it('creates it in the requested region, which the call must repeat', async () => {
    await make('far', 'eu-west-1', 'eu-west-1');
    const head = await s3('eu-west-1').send(new HeadBucketCommand({ Bucket: 'far' }));
    expect(head.$metadata.httpStatusCode).toBe(200);
    await expect(s3().send(new HeadBucketCommand({ Bucket: 'far' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 301 },
    });
  });

  it.each<[string, string, string?, string?, BucketLocationConstraint?]>([
    ['InvalidBucketName', 'The specified bucket is not valid.', 'Upper'],
    [
      'IllegalLocationConstraintException',
      'The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
      'other',
      'eu-central-1',
      'eu-west-1',
    ],
    [
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      'plain',
      'eu-west-1',
      'eu-west-1',
    ],
  ])('fails with %s: %s', async (name, message, bucket = '', region, constraint) => {
    await expect(make(bucket, region, constraint)).rejects.toMatchObject({ name, message });
  });

  it('succeeds in us-east-1 for an existing bucket', async () => {
    await expect(make('plain')).resolves.toMatchObject({ Location: '/plain' });
  });

  it('creates buckets whose encryption can be changed', async () => {
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } } as const;
    const Rules = [rule];
    await s3().send(
      new PutBucketEncryptionCommand({
        Bucket: 'plain',
        ServerSideEncryptionConfiguration: { Rules },
      }),
    );
    const read = await s3().send(new GetBucketEncryptionCommand({ Bucket: 'plain' }));
    expect(read.ServerSideEncryptionConfiguration).toMatchObject({ Rules });
  });
});

describe('a KMS key', () => {
  const send = (Command: typeof EnableKeyCommand | typeof CancelKeyDeletionCommand, name: string) =>
    new KMSClient(settings()).send(new Command({ KeyId: keyArn(name) }));
  const stateOf = async (name: string) => {
    const kms = new KMSClient(settings());
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyArn(name) }));
    return KeyMetadata?.KeyState;
  };

  it('can be enabled', async () => {
    await send(EnableKeyCommand, 'off');
    expect(await stateOf('off')).toBe('Enabled');
    await expect(send(CancelKeyDeletionCommand, 'off')).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
    });
  });

  it('is kept but disabled after its deletion is cancelled', async () => {
    await expect(send(EnableKeyCommand, 'doomed')).rejects.toMatchObject({
      message: `${keyArn('doomed')} is pending deletion.`,
    });
    await send(CancelKeyDeletionCommand, 'doomed');
    expect(await stateOf('doomed')).toBe('Disabled');
  });
});

describe('a role', () => {
  const iam = () => new IAMClient(settings());
  const trustOf = async (RoleName: string) => {
    const { Role } = await iam().send(new GetRoleCommand({ RoleName }));
    return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
  };

  it('gets a new trust policy', async () => {
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'ecs-tasks.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ],
    });
    await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: 'lambda', PolicyDocument }));
    expect(await trustOf('lambda')).toContain('ecs-tasks.amazonaws.com');
    expect(await trustOf('lambda')).not.toContain('lambda.amazonaws.com');
  });

  it('of ECS itself can be created only once', async () => {
    const make = () =>
      iam().send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'ecs.amazonaws.com' }));
    await make();
    expect(await trustOf('AWSServiceRoleForECS')).toContain('ecs.amazonaws.com');
    await expect(make()).rejects.toMatchObject({ name: expect.stringContaining('InvalidInput') });
  });
});
