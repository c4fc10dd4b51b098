import { beforeEach, describe, expect, test } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { ClusterConfiguration, EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const ARN = 'arn:aws:ecs:eu-central-1:123456789012:cluster/prod';
const KEY_ARN = 'arn:aws:kms:eu-central-1:123456789012:key/1';
const STORAGE = { fargateEphemeralStorageKmsKeyId: 'k' };

let configuration: ClusterConfiguration;
let updates: [string, ClusterConfiguration][];
/** Returns the configuration that ECS stores for a requested one. */
let written: (configuration: ClusterConfiguration) => ClusterConfiguration;

beforeEach(() => {
  configuration = { managedStorageConfiguration: STORAGE };
  updates = [];
  written = (next) => next;
});

interface Surroundings {
  readonly confirms?: boolean;
  readonly bucketAlgorithm?: string | undefined;
  readonly keyState?: string;
  readonly denies?: boolean;
  readonly s3Failure?: EcshError;
}

function cloud(surroundings: Surroundings = {}): FakeApp {
  const {
    confirms,
    bucketAlgorithm = 'AES256',
    keyState = 'Enabled',
    denies,
    s3Failure,
  } = surroundings;
  const unlessDenied = async <T>(value: T): Promise<T> => {
    if (denies) throw new EcshError('access-denied', 'no');
    return value;
  };
  return new FakeApp({
    doctor: fakeDoctor({
      ecs: {
        describeCluster: async () => ({
          clusterArn: ARN,
          clusterName: 'prod',
          status: 'ACTIVE',
          configuration,
        }),
      },
      logs: {
        // The prefix also matches a longer name.
        describeLogGroups: () =>
          unlessDenied([
            { logGroupName: '/ecs/exec-old', kmsKeyId: KEY_ARN },
            { logGroupName: '/ecs/exec' },
          ]),
      },
      s3: {
        headBucket: async (bucket) => {
          if (s3Failure !== undefined) throw s3Failure;
          return unlessDenied(
            bucket === 'far'
              ? { kind: 'elsewhere', region: 'us-east-1' }
              : { kind: bucket === 'audit' ? 'there' : 'missing' },
          );
        },
        bucketEncryption: () => unlessDenied({ SSEAlgorithm: bucketAlgorithm }),
      },
      keys: {
        describeKey: () =>
          unlessDenied({
            Arn: KEY_ARN,
            KeyState: keyState,
            KeySpec: 'SYMMETRIC_DEFAULT',
            KeyUsage: 'ENCRYPT_DECRYPT',
          }),
      },
    }),
    admin: async () =>
      ({
        updateCluster: async (cluster: string, next: ClusterConfiguration) => {
          updates.push([cluster, next]);
          configuration = written(next);
        },
      }) as EcsAdminApi,
    ...(confirms === undefined
      ? {}
      : {
          prompts: {
            confirm: async () => confirms,
            select: async () => ({ kind: 'cancelled' }),
            waitFor: async (_message, work) => ({ kind: 'done', value: await work }),
          },
        }),
  });
}

const set = (argv: readonly string[], app = cloud()) =>
  run(['logging', 'set', 'prod', '-y', ...argv], app);

describe('logging set', () => {
  test('sends the whole configuration, including settings that it does not change', async () => {
    const { status, stdout } = await set(['--mode', 'override', '--log-group', '/ecs/exec']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(updates).toEqual([
      [
        ARN,
        {
          managedStorageConfiguration: STORAGE,
          executeCommandConfiguration: {
            logging: 'OVERRIDE',
            logConfiguration: { cloudWatchLogGroupName: '/ecs/exec' },
          },
        },
      ],
    ]);
  });

  test('reports the changes, and the permissions that they require', async () => {
    const { stderr } = await set(['--mode', 'override', '--bucket', 'audit', '--kms-key', 'k']);
    expect(stderr).toBe(`Cluster prod:
  logging: not set -> OVERRIDE
  bucket: not set -> audit
  session key: not set -> ${KEY_ARN}
Done, from the next session on. Sessions are recorded to bucket audit.
Permissions for it:  ecsh policy logs-s3 -C prod
Permissions for it:  ecsh policy task-kms -C prod
Permissions for it:  ecsh policy caller-kms -C prod
`);
  });

  test('prints the request with --dry-run, and sends nothing', async () => {
    const { stdout } = await set(['--mode', 'none', '--dry-run']);
    expect(JSON.parse(stdout)).toEqual({
      cluster: ARN,
      configuration: {
        managedStorageConfiguration: STORAGE,
        executeCommandConfiguration: { logging: 'NONE' },
      },
    });
    expect(updates).toEqual([]);
  });

  test('prints the settings before and after with --json', async () => {
    const { stdout } = await set(['--mode', 'none', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      cluster: 'prod',
      changed: true,
      before: {},
      after: { logging: 'NONE' },
    });
  });

  test('changes nothing if the settings are equal', async () => {
    configuration = { executeCommandConfiguration: { logging: 'NONE' } };
    const { status, stderr } = await set(['--mode', 'none']);
    expect(status).toBe(0);
    expect(stderr).toContain('Nothing to change in cluster prod.');
    expect(updates).toEqual([]);
  });

  test('asks on a terminal, and changes nothing if the answer is no', async () => {
    const argv = ['logging', 'set', 'prod', '--mode', 'none'];
    expect(await run(argv, cloud({ confirms: false }))).toMatchObject({ status: 1 });
    expect(updates).toEqual([]);
    expect(await run(argv, cloud({ confirms: true }))).toMatchObject({ status: 0 });
    expect(updates).toHaveLength(1);
  });

  test('requires --yes without a terminal', async () => {
    const { status, stderr } = await run(['logging', 'set', 'prod', '--mode', 'none'], cloud());
    expect(status).toBe(2);
    expect(stderr).toContain('[confirmation-missing]');
    expect(updates).toEqual([]);
  });

  test.each([
    [[]],
    [['--log-group', '']],
    [['--bucket', '']],
    [['--kms-key', '']],
    [['--mode', 'both']],
  ])('an empty or invalid value is rejected: %j', async (argv) => {
    expect(await set(argv)).toMatchObject({ status: 2, stdout: '' });
    expect(updates).toEqual([]);
  });

  test('accepts the mode in the spelling of the API, and the ARN of a bucket', async () => {
    await set(['--mode', 'OVERRIDE', '--bucket', 'arn:aws:s3:::audit']);
    expect(updates).toMatchObject([
      [ARN, { executeCommandConfiguration: { logConfiguration: { s3BucketName: 'audit' } } }],
    ]);
  });

  test('suggested commands repeat the profile of the call', async () => {
    const argv = ['--profile', 'ops', '--mode', 'override', '--log-group'];
    const missing = await set([...argv, '/ecs/a b']);
    expect(missing.stderr).toContain(
      "aws logs create-log-group --log-group-name '/ecs/a b' --profile ops",
    );
    const { stderr } = await set([...argv, '/ecs/exec']);
    expect(stderr).toContain('ecsh policy logs-cloudwatch -C prod --profile ops');
  });

  test('an ARN determines the region', async () => {
    const app = cloud();
    await run(['logging', 'show', ARN, '--region', 'us-east-1'], app);
    expect(app.awsSettings).toMatchObject([{ region: 'eu-central-1' }]);
  });

  test('checks whether ECS applied the change', async () => {
    written = () => ({ executeCommandConfiguration: { logging: 'DEFAULT' } });
    const { status, stderr } = await set(['--mode', 'none']);
    expect(status).toBe(1);
    expect(stderr).toContain('shows another: logging. [logging-not-applied]');
  });
});

describe('the location of a destination', () => {
  const override = ['--mode', 'override'];

  test('a bucket in another region is accepted, because the agent finds it', async () => {
    const { status, stderr } = await set([...override, '--bucket', 'far', '-y'], cloud());
    expect(status).toBe(0);
    expect(stderr).toContain('Bucket far is in us-east-1; exec agents can write there.');
    expect(updates).toHaveLength(1);
  });

  test.each([
    ['region', 'arn:aws:logs:eu-west-1:123456789012:log-group:/g'],
    ['account', 'arn:aws:logs:eu-central-1:210987654321:log-group:/g:*'],
  ])('a log group of another %s is rejected, even with --force', async (_what, arn) => {
    const argv = [...override, '--log-group', arn, '--force', '-y'];
    const { status, stderr } = await set(argv, cloud());
    expect(status).toBe(2);
    expect(stderr).toContain('[log-group-elsewhere]');
    expect(updates).toEqual([]);
  });

  test('a log group of this cluster can be given as an ARN', async () => {
    const arn = 'arn:aws:logs:eu-central-1:123456789012:log-group:/ecs/exec';
    const { status } = await set([...override, '--log-group', arn, '-y'], cloud());
    expect(status).toBe(0);
  });
});

test('default mode names the permissions for the log group of a container', async () => {
  configuration = { executeCommandConfiguration: { logging: 'NONE' } };
  const { stderr } = await set(['--mode', 'default', '-y'], cloud());
  expect(stderr).toContain(
    'The task role of each service needs permissions on its log group:  ecsh policy logs-cloudwatch prod/SERVICE\n',
  );
});

describe('a destination that would end every session is rejected without --force', () => {
  const override = ['--mode', 'override'];
  test.each<[string, readonly string[], Surroundings]>([
    ['log-group-missing', ['--log-group', '/ecs/other'], {}],
    ['log-group-not-encrypted', ['--log-group', '/ecs/exec', '--log-encryption'], {}],
    ['bucket-missing', ['--bucket', 'gone'], {}],
    [
      'kms-key-elsewhere',
      ['--bucket', 'audit', '--kms-key', 'arn:aws:kms:us-east-1:123456789012:key/1'],
      {},
    ],
    [
      'bucket-not-encrypted',
      ['--bucket', 'audit', '--bucket-encryption'],
      { bucketAlgorithm: 'aws:kms:dsse' },
    ],
    ['kms-key-unusable', ['--bucket', 'audit', '--kms-key', 'k'], { keyState: 'PendingDeletion' }],
  ])('%s: %j', async (code, argv, surroundings) => {
    const refused = await set([...override, ...argv], cloud(surroundings));
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`[${code}]`);
    expect(updates).toEqual([]);
    const forced = await set([...override, ...argv, '--force'], cloud(surroundings));
    expect(forced.status).toBe(0);
    expect(updates).toHaveLength(1);
  });

  test('an unreachable S3 is a warning with --force', async () => {
    const argv = [...override, '--bucket', 'audit'];
    const failing = { s3Failure: new EcshError('endpoint-unreachable', 'No answer from S3.') };
    const refused = await set(argv, cloud(failing));
    expect(refused.stderr).toContain('[endpoint-unreachable]');
    expect(updates).toEqual([]);
    const { status, stderr } = await set([...argv, '--force'], cloud(failing));
    expect(status).toBe(0);
    expect(stderr).toContain('No answer from S3.');
  });

  test('missing permission for a check is reported, but does not block the change', async () => {
    const argv = [...override, '--log-group', '/ecs/exec', '--bucket', 'audit', '--kms-key', 'k'];
    const { status, stderr } = await set(argv, cloud({ denies: true }));
    expect(status).toBe(0);
    expect(stderr).toContain(
      'Could not check log group /ecs/exec: logs:DescribeLogGroups is denied.',
    );
    expect(stderr).toContain('Could not check bucket audit: s3:ListBucket is denied.');
    expect(stderr).toContain('Could not check key k: kms:DescribeKey is denied.');
  });
});

describe('logging show', () => {
  test('prints the effect on sessions, then the settings', async () => {
    configuration = {
      executeCommandConfiguration: {
        logging: 'OVERRIDE',
        logConfiguration: {
          cloudWatchLogGroupName: '/ecs/exec',
          cloudWatchEncryptionEnabled: true,
        },
      },
    };
    const { stdout, stderr, status } = await run(['logging', 'show', 'prod'], cloud());
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe(`Sessions are recorded to log group /ecs/exec.

logging               OVERRIDE
log group             /ecs/exec
log group encryption  required
`);
  });

  test('escapes names from the API, so that they cannot add lines or move the cursor', async () => {
    const cloudWatchLogGroupName = 'g\u001b[31m\n\u009b2Jecsh: Renew it';
    configuration = {
      executeCommandConfiguration: {
        logging: 'OVERRIDE',
        logConfiguration: { cloudWatchLogGroupName, s3BucketName: 'b\u202e' },
      },
    };
    const { stdout } = await run(['logging', 'show', 'prod'], cloud());
    const group = 'g\\x1b[31m\\n\\x9b2Jecsh: Renew it';
    expect(stdout).toBe(`Sessions are recorded to log group ${group} and bucket b\\u202e.

logging    OVERRIDE
log group  ${group}
bucket     b\\u202e
`);
  });

  test('prints JSON with the setting names of the API', async () => {
    const { stdout } = await run(['logging', 'show', 'prod', '--json'], cloud());
    expect(JSON.parse(stdout)).toMatchObject({
      cluster: 'prod',
      clusterArn: ARN,
      logging: 'DEFAULT',
      executeCommandConfiguration: {},
    });
  });
});
