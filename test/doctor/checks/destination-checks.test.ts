import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { BucketState, KeyDetails, LogGroupDetails } from '#domain/ports/session-responses.ts';
import { clusterIn, denied, diagnosisOf, KEY, type World } from '#test/fakes/doctor-world.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

type Answers = NonNullable<World['answers']>;

const fixture = (name: string, part: string) =>
  Reflect.get(Object(readFixture(`destinations/${name}.json`)), part);
const keyIn = (name: string): KeyDetails => fixture(name, 'KeyMetadata');
const groupsIn = (name: string): readonly LogGroupDetails[] => fixture(name, 'logGroups');
const bucket = (state: BucketState) => ({
  bucketEncryption: async () => {
    throw new EcshError('aws-error', 'GetBucketEncryption: NoSuchBucket');
  },
  headBucket: async () => state,
});
const encryption = (SSEAlgorithm?: string) => ({
  bucketEncryption: async () => (SSEAlgorithm === undefined ? undefined : { SSEAlgorithm }),
});

/** A cluster with a session key, a log group and a bucket; it requires encryption for both logs. */
const world = (answers: Answers = {}, cluster = 'override-both-kms'): World => ({
  cluster: clusterIn(cluster),
  answers: {
    keys: { describeKey: async () => keyIn('kms-enabled'), ...answers.keys },
    logs: { describeLogGroups: async () => groupsIn('log-group-encrypted'), ...answers.logs },
    s3: { ...encryption('AES256'), ...answers.s3 },
  },
});
const key = (changes: KeyDetails | undefined): World =>
  world({
    keys: {
      describeKey: async () =>
        changes === undefined ? undefined : { ...keyIn('kms-enabled'), ...changes },
    },
  });
const groups = (name: string, cluster?: string): World =>
  world({ logs: { describeLogGroups: async () => groupsIn(name) } }, cluster);

describe.each<
  [
    id: string,
    cases: readonly (readonly [name: string, given: World, status: string, message: RegExp])[],
  ]
>([
  [
    'kms-key-usable',
    [
      ['is skipped without a session key', {}, 'skip', /no session key/],
      ['passes', world(), 'pass', /enabled/],
      [
        'fails if the key is scheduled for deletion',
        world({ keys: { describeKey: async () => keyIn('kms-pending-deletion') } }),
        'fail',
        /Session key arn:.* is PendingDeletion; no session can start/,
      ],
      ['fails if the key is disabled', key({ KeyState: 'Disabled' }), 'fail', /is Disabled/],
      ['fails if the key does not exist', key(undefined), 'fail', /is missing/],
      ['fails for an asymmetric key', key({ KeySpec: 'RSA_2048' }), 'fail', /RSA_2048/],
      ['fails for a signing key', key({ KeyUsage: 'SIGN_VERIFY' }), 'fail', /SIGN_VERIFY/],
      [
        'names the missing permission',
        world({ keys: { describeKey: denied } }),
        'unknown',
        /kms:DescribeKey/,
      ],
      [
        'is unknown if the caller lacks permission to describe the cluster',
        { answers: { ecs: { describeCluster: denied } } },
        'unknown',
        /ecs:DescribeClusters/,
      ],
    ],
  ],
  [
    'log-group-exists',
    [
      [
        'is skipped if the cluster names no log group',
        world({}, 'default'),
        'skip',
        /names no log group/,
      ],
      ['passes', world(), 'pass', /exists/],
      [
        'warns if the log group does not exist',
        groups('log-group-missing', 'override-cloudwatch'),
        'warn',
        /Log group \/aws\/ecs\/exec-audit does not exist; ECS will not create it\.$/,
      ],
      [
        'fails if the log group does not exist and must be encrypted',
        groups('log-group-missing'),
        'fail',
        /sessions are refused/,
      ],
      [
        'ignores a log group whose name merely starts with the right name',
        world({
          logs: { describeLogGroups: async () => [{ logGroupName: '/aws/ecs/exec-audit-old' }] },
        }),
        'fail',
        /does not exist/,
      ],
      [
        'names the missing permission',
        world({ logs: { describeLogGroups: denied } }),
        'unknown',
        /logs:DescribeLogGroups/,
      ],
    ],
  ],
  [
    'log-group-encrypted',
    [
      ['passes', world(), 'pass', /is encrypted/],
      [
        'fails if the log group has no key, even though one with a longer name has',
        groups('log-group-plain-and-prefix-sibling'),
        'fail',
        /Encryption is required but log group \/aws\/ecs\/exec-audit has no KMS key: sessions are refused/,
      ],
      [
        'is skipped if encryption is not required',
        groups('log-group-plain-and-prefix-sibling', 'override-cloudwatch'),
        'skip',
        /not required/,
      ],
      [
        'is skipped if the log group does not exist',
        groups('log-group-missing'),
        'skip',
        /does not exist/,
      ],
    ],
  ],
  [
    's3-bucket',
    [
      [
        'is skipped if the cluster names no bucket',
        world({}, 'override-cloudwatch'),
        'skip',
        /names no bucket/,
      ],
      ['passes', world(), 'pass', /exists/],
      [
        'warns if the bucket does not exist',
        world({ s3: bucket({ kind: 'missing' }) }),
        'warn',
        /does not exist; ECS will not create it/,
      ],
      [
        'passes for a bucket in another region',
        world({ s3: bucket({ kind: 'elsewhere', region: 'eu-west-1' }) }),
        'pass',
        /is in eu-west-1; the exec agent writes there too/,
      ],
      [
        'is unknown without permission',
        world({ s3: { bucketEncryption: denied, headBucket: denied } }),
        'unknown',
        /s3:ListBucket/,
      ],
    ],
  ],
  [
    's3-bucket-encrypted',
    [
      ['passes with AES256', world(), 'pass', /is encrypted/],
      ['passes with aws:kms', world({ s3: encryption('aws:kms') }), 'pass', /is encrypted/],
      [
        'fails for an algorithm that the agent does not support',
        world({ s3: encryption('aws:kms:dsse') }),
        'fail',
        /bucket example-exec-audit reports aws:kms:dsse: sessions are refused/,
      ],
      [
        'fails if the bucket reports no encryption',
        world({ s3: encryption() }),
        'fail',
        /reports none/,
      ],
      [
        'fails if the bucket does not exist',
        world({ s3: bucket({ kind: 'missing' }) }),
        'fail',
        /does not exist: sessions are refused/,
      ],
      [
        'is skipped if encryption is not required',
        {
          cluster: {
            ...clusterIn('none'),
            configuration: {
              executeCommandConfiguration: {
                logging: 'OVERRIDE',
                logConfiguration: { s3BucketName: 'b' },
              },
            },
          },
          answers: { s3: encryption() },
        },
        'skip',
        /not required/,
      ],
      [
        'names the missing permission',
        world({ s3: { bucketEncryption: denied, headBucket: async () => ({ kind: 'there' }) } }),
        'unknown',
        /s3:GetEncryptionConfiguration/,
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

describe('a fix', () => {
  it.each<[string, World, string]>([
    ['kms-key-usable', key({ KeyState: 'Disabled' }), `aws kms enable-key --key-id ${KEY}`],
    [
      'kms-key-usable',
      key({ KeyState: 'PendingDeletion' }),
      `aws kms cancel-key-deletion --key-id ${KEY} &&\n  aws kms enable-key --key-id ${KEY}`,
    ],
    [
      'log-group-exists',
      groups('log-group-missing'),
      'aws logs create-log-group --log-group-name /aws/ecs/exec-audit',
    ],
    [
      'log-group-encrypted',
      groups('log-group-plain-and-prefix-sibling'),
      `aws logs associate-kms-key --log-group-name /aws/ecs/exec-audit --kms-key-id ${KEY}`,
    ],
    [
      's3-bucket',
      world({ s3: bucket({ kind: 'missing' }) }),
      'aws s3api create-bucket --bucket example-exec-audit',
    ],
    [
      's3-bucket-encrypted',
      world({ s3: encryption() }),
      'aws s3api put-bucket-encryption --bucket example-exec-audit --server-side-encryption-configuration \'{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}\'',
    ],
  ])('for %s is a complete command', async (id, given, command) => {
    expect((await diagnosisOf(given)).of(id).fix?.command).toBe(command);
  });
});
