import { describe, expect, it } from 'vitest';
import {
  BY_SCP,
  clusterIn,
  DENIED,
  denied,
  diagnosisOf,
  EXPLICIT,
  KEY,
  roleIn,
  TASK,
  TASK_ROLE,
  type World,
} from '#test/fakes/doctor-world.ts';

const statusOf = async (id: string, world: World) => {
  const { status, message } = (await diagnosisOf(world)).of(id);
  return { status, message };
};
const key = { describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }), getKeyPolicy: denied };
const GROUP = '/aws/ecs/exec-audit';
const logs = { describeLogGroups: async () => [{ logGroupName: GROUP, kmsKeyId: KEY }] };
const s3 = { bucketEncryption: async () => ({ SSEAlgorithm: 'AES256' }) };
const withLogs = (rest: World = {}): World => ({
  cluster: clusterIn('override-cloudwatch'),
  answers: { logs },
  ...rest,
});
const withAll = (rest: World = {}): World => ({
  cluster: clusterIn('override-both-kms'),
  answers: { logs, s3, keys: key },
  ...rest,
});
const withBucket = (rest: World = {}): World => ({
  cluster: clusterIn('override-s3'),
  answers: { s3 },
  ...rest,
});
/** A bucket in another account; its policy lets the caller read its encryption. */
const theirs = (rest: World = {}): World =>
  withBucket({
    answers: {
      s3: {
        bucketEncryption: async (_bucket, owner) =>
          owner === undefined ? { SSEAlgorithm: 'AES256' } : denied(),
      },
    },
    ...rest,
  });
const NO_ROLE: World = {
  definition: { containerDefinitions: [{ name: 'app' }] },
};

describe('task-role-trust', () => {
  const trusting = (role: object | undefined): World => ({
    answers: { iam: { getRole: async () => role } },
  });
  const document = (statement: object) => ({
    AssumeRolePolicyDocument: JSON.stringify({ Statement: [statement] }),
  });
  const allow = {
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };

  it.each<[string, World, string, RegExp]>([
    ['passes', {}, 'pass', /trusts ECS tasks/],
    [
      'names the services that the role trusts instead',
      trusting(roleIn('get-role-trust-wrong')),
      'fail',
      /Role app-task-role trusts ecs\.amazonaws\.com, ec2\.amazonaws\.com, so ECS cannot/,
    ],
    ['fails if the role does not exist', trusting(undefined), 'fail', /does not exist/],
    ['fails on a Deny', trusting(document({ ...allow, Effect: 'Deny' })), 'fail', /denies/],
    [
      'fails if a condition requires another account',
      trusting(document({ ...allow, Condition: { StringEquals: { 'aws:SourceAccount': '9' } } })),
      'fail',
      /condition on aws:SourceAccount that is not met/,
    ],
    [
      'is unknown if a condition depends on an unknown key',
      trusting(document({ ...allow, Condition: { StringEquals: { 'aws:SourceOrgID': 'o' } } })),
      'unknown',
      /depends on aws:SourceOrgID/,
    ],
    [
      'names the missing permission',
      { answers: { iam: { getRole: denied } } },
      'unknown',
      /iam:GetRole/,
    ],
    ['is skipped without a task role', NO_ROLE, 'skip', /no task role/],
    [
      'is skipped for a role of another account',
      { definition: { taskRoleArn: 'arn:aws:iam::210987654321:role/far' } },
      'skip',
      /another account/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('task-role-trust', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });

  it('prints the command that sets the policy', async () => {
    const { of } = await diagnosisOf(trusting(roleIn('get-role-trust-wrong')));
    expect(of('task-role-trust').fix?.command).toBe(
      'ecsh policy trust -C prod |\n  aws iam update-assume-role-policy --role-name app-task-role --policy-document file:///dev/stdin',
    );
  });
});

describe('task-role-ssmmessages', () => {
  it.each<[string, World, string, RegExp]>([
    ['passes', {}, 'pass', /may open the channels/],
    [
      'names the missing actions',
      { rules: [['ssmmessages:Open', DENIED]] },
      'fail',
      /lacks ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel; .*TargetNotConnected/,
    ],
    [
      'names the kind of policy that blocks them',
      { rules: [['ssmmessages:', BY_SCP]] },
      'fail',
      /service control policy/,
    ],
    ['is skipped without a task role', NO_ROLE, 'skip', /no task role/],
    [
      'is unknown for a role of another account',
      { definition: { taskRoleArn: 'arn:aws:iam::210987654321:role/far' } },
      'unknown',
      /cannot be simulated/,
    ],
    [
      'is unknown if the task definition no longer exists',
      { answers: { ecs: { describeTaskDefinition: async () => undefined } } },
      'unknown',
      /does not know the task definition/,
    ],
    [
      'is unknown without permission to describe the task definition',
      { answers: { ecs: { describeTaskDefinition: denied } } },
      'unknown',
      /ecs:DescribeTaskDefinition/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('task-role-ssmmessages', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });

  it('prints the command that grants them', async () => {
    const { of } = await diagnosisOf({ rules: [['ssmmessages:', DENIED]] });
    expect(of('task-role-ssmmessages').fix?.command).toBe(
      'ecsh policy task-role |\n  aws iam put-role-policy --role-name app-task-role --policy-name ecs-exec-task-role --policy-document file:///dev/stdin',
    );
  });

  it('checks the role that RunTask set instead', async () => {
    const taskRoleArn = 'arn:aws:iam::123456789012:role/path/other';
    const { simulations } = await diagnosisOf({
      task: { ...TASK, overrides: { taskRoleArn, containers: [] } },
    });
    const principals = simulations.map(({ PolicySourceArn }) => PolicySourceArn);
    expect(principals).toContain(taskRoleArn);
    expect(principals).not.toContain(TASK_ROLE);
  });
});

describe('task-role-kms-decrypt', () => {
  const grants = (principal: string) => ({
    ...key,
    getKeyPolicy: async () =>
      JSON.stringify({
        Statement: { Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:Decrypt' },
      }),
  });
  const refused = (keys: object = key): World => ({
    cluster: clusterIn('kms-only'),
    rules: [['kms:Decrypt', DENIED]],
    answers: { keys },
  });

  it.each<[string, World, string, RegExp]>([
    ['is skipped without a session key', {}, 'skip', /no session key/],
    ['passes', withAll(), 'pass', /may decrypt/],
    [
      'warns if the key policy is unreadable and may allow it',
      refused(),
      'warn',
      /Fetching data key failed.*may allow it/,
    ],
    ['passes if the key policy allows it', refused(grants(TASK_ROLE)), 'pass', /The policy of/],
    [
      'fails if the key policy allows only others',
      refused(grants('arn:aws:iam::1:role/x')),
      'fail',
      /cannot decrypt/,
    ],
    [
      'fails on an explicit Deny',
      withAll({ rules: [['kms:Decrypt', EXPLICIT]] }),
      'fail',
      /deny-it/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('task-role-kms-decrypt', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});

describe('task-role-logs', () => {
  const byDefault: World = {
    cluster: clusterIn('default'),
    definition: {
      taskRoleArn: TASK_ROLE,
      containerDefinitions: [
        {
          name: 'app',
          logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/app' } },
        },
      ],
    },
  };

  it.each<[string, World, string, RegExp]>([
    ['is skipped if sessions are not logged', {}, 'skip', /not logged/],
    ['passes', withLogs(), 'pass', /may write to log group \/aws\/ecs\/exec-audit/],
    [
      'checks the log group of the container for DEFAULT logging',
      byDefault,
      'pass',
      /log group \/app/,
    ],
    [
      'warns that there will be no log',
      withLogs({ rules: [['logs:PutLogEvents', DENIED]] }),
      'warn',
      /lacks logs:PutLogEvents on log group .* leave no log/,
    ],
    [
      'warns without DescribeLogGroups if encryption is not required',
      withLogs({ rules: [['logs:DescribeLogGroups', DENIED]] }),
      'warn',
      /DescribeLogGroups/,
    ],
    [
      'fails without DescribeLogGroups if encryption is required',
      withAll({ rules: [['logs:DescribeLogGroups', DENIED]] }),
      'fail',
      /sessions are refused with "encryption is not set up"/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('task-role-logs', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});

describe('task-role-s3', () => {
  it.each<[string, World, string, RegExp]>([
    ['is skipped if sessions are not logged', withLogs(), 'skip', /not logged/],
    ['passes', withBucket(), 'pass', /may write to bucket example-exec-audit/],
    [
      'warns if the bucket policy may allow it',
      withBucket({ rules: [['s3:GetEncryptionConfiguration', DENIED]] }),
      'warn',
      /lacks s3:GetEncryptionConfiguration on bucket .* may allow it/,
    ],
    [
      'fails on a Deny if encryption is required',
      withBucket({ rules: [['s3:GetEncryptionConfiguration', EXPLICIT]] }),
      'fail',
      /sessions are refused/,
    ],
    [
      'warns on a Deny that only loses the log',
      withBucket({ rules: [['s3:PutObject', EXPLICIT]] }),
      'warn',
      /leave no log/,
    ],
    [
      'checks the key of the bucket too',
      withBucket({
        rules: [['kms:GenerateDataKey', DENIED]],
        answers: {
          s3: { bucketEncryption: async () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY }) },
        },
      }),
      'warn',
      /lacks kms:GenerateDataKey/,
    ],
    [
      'requires PutObjectAcl in a bucket of another account',
      theirs({ rules: [['s3:PutObjectAcl', DENIED]] }),
      'warn',
      /lacks s3:PutObjectAcl on bucket example-exec-audit of another account\. Sessions leave no log there\.$/,
    ],
    [
      'fails on IAM alone in another account if encryption is required',
      theirs({ rules: [['s3:GetEncryptionConfiguration', DENIED]] }),
      'fail',
      /of another account\. Because encryption is required, sessions are refused\.$/,
    ],
    [
      'does not require PutObjectAcl in a bucket of the same account',
      withBucket({ rules: [['s3:PutObjectAcl', DENIED]] }),
      'pass',
      /may write to bucket/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('task-role-s3', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });

  it('prints the policy for this bucket, prefix and key', async () => {
    const { of } = await diagnosisOf(
      withBucket({
        rules: [['s3:PutObject', DENIED]],
        answers: {
          s3: { bucketEncryption: async () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY }) },
        },
      }),
    );
    expect(of('task-role-s3').fix?.command).toContain(
      `ecsh policy logs-s3 -C prod --bucket example-exec-audit --prefix demo/ --bucket-kms-key ${KEY} |`,
    );
  });

  it('prints the policy for a bucket of another account', async () => {
    const { of } = await diagnosisOf(theirs({ rules: [['s3:PutObjectAcl', DENIED]] }));
    expect(of('task-role-s3').fix?.command).toContain(
      'ecsh policy logs-s3 -C prod --bucket example-exec-audit --prefix demo/ --bucket-account other |',
    );
  });

  it('simulates each action only on the resources it applies to', async () => {
    const { of } = await diagnosisOf(withBucket());
    expect(of('task-role-s3').evidence).toEqual({
      decisions: {
        's3:GetEncryptionConfiguration on arn:aws:s3:::example-exec-audit': 'allowed',
        's3:PutObject on arn:aws:s3:::example-exec-audit/demo/ecs-execute-command-sample.log':
          'allowed',
        's3:GetBucketLocation on *': 'allowed',
      },
    });
  });
});
