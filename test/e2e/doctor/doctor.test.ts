import { beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';

/** A cluster with everything that doctor checks: a key, a log group, a bucket, endpoints, an instance. */
const CLUSTERS = [
  {
    name: 'prod',
    kmsKeyId: KEY,
    logging: 'OVERRIDE',
    logConfiguration: {
      cloudWatchLogGroupName: '/audit',
      cloudWatchEncryptionEnabled: true,
      s3BucketName: 'audit',
      s3EncryptionEnabled: true,
    },
    services: [
      { name: 'web', containers: [{ name: 'app' }] },
      { name: 'host', launchType: 'EC2', containers: [{ name: 'app' }] },
    ],
  },
];

/** Every permission but those for ListTasks and DescribeTasks. GetCallerIdentity needs none. */
const DENIED = [
  'ecs:DescribeClusters',
  'ecs:DescribeContainerInstances',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'iam:*',
  'ec2:*',
  'kms:*',
  'logs:*',
  's3:*',
];

let lab: Lab;

const doctor = async (...args: readonly string[]) => {
  const { status, stdout, stderr } = await lab.run(['doctor', '--json', ...args]);
  expect(stdout, stderr).not.toBe('');
  const report: Report = JSON.parse(stdout);
  return { status, report };
};

interface Report {
  readonly ready: boolean;
  readonly task: string;
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly message: string;
    readonly evidence: object;
  }[];
}

async function calls(): Promise<readonly string[]> {
  const log = await lab.control('calls');
  if (!Array.isArray(log)) throw new TypeError('the log of calls is a list');
  return log.map(({ operation }) => operation);
}

describe('ecsh doctor in a healthy account', () => {
  beforeAll(async () => {
    const caller = { allow: ['*'], deny: ['ssm:StartSession'] };
    lab = await Lab.start({ clusters: CLUSTERS, caller });
    return () => lab.stop();
  });

  it.each(['prod/web', 'prod/host'])('finds %s ready in fewer than 30 calls', async (target) => {
    const before = (await calls()).length;
    const { status, report } = await doctor(target);
    const made = (await calls()).slice(before);
    const worrying = report.checks.filter(({ status: found }) => !isFine(found));
    expect([status, report.ready, worrying]).toEqual([0, true, []]);
    expect(made.length, made.join(' ')).toBeLessThan(30);
  });

  it('opens a session with --probe, and adds its check to the report', async () => {
    const { status, report } = await doctor('--quick', '--probe', 'prod/web');
    expect(status).toBe(0);
    expect(report.checks.at(-1)).toMatchObject({ id: 'probe', status: 'pass' });
  });

  it('lists the ssh tools that the image supports with --ssh', async () => {
    const { status, stdout } = await lab.run(['doctor', '--quick', '--ssh', '--json', 'prod/web']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).ssh).toContainEqual({
      tool: 'ssh HOST COMMAND',
      works: true,
      missing: [],
      note: null,
    });
  });
});

describe('ecsh doctor for a caller with little more than permission for DescribeTasks', () => {
  beforeAll(async () => {
    lab = await Lab.start({ clusters: CLUSTERS, deny: DENIED });
    return () => lab.stop();
  });

  it('checks what it can, and names every missing permission', async () => {
    const { status, report } = await doctor('prod/host');
    const missing = report.checks.map(({ evidence }) => Reflect.get(evidence, 'missingPermission'));
    expect([status, report.ready]).toEqual([0, true]);
    expect([...new Set(missing.filter((action) => action !== undefined))].toSorted()).toEqual([
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ecs:DescribeClusters',
      'ecs:DescribeContainerInstances',
      'ecs:DescribeServices',
      'ecs:DescribeTaskDefinition',
      'iam:SimulatePrincipalPolicy',
    ]);
  });
});

function isFine(status: string): boolean {
  return ['pass', 'info', 'skip'].includes(status);
}
