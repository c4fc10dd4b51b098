import { describe, expect, it } from 'vitest';
import {
  BY_BOUNDARY,
  BY_SCP,
  clusterIn,
  DENIED,
  denied,
  diagnosisOf,
  EC2_TASK,
  roleIn,
  type World,
} from '#test/fakes/doctor-world.ts';

const statusOf = async (id: string, world: World) => {
  const { status, message } = (await diagnosisOf(world)).of(id);
  return { status, message };
};

describe('execution-role-mixup', () => {
  const TASK_ROLE_LACKS = ['app-task-role ssmmessages:', DENIED] as const;

  it.each<[string, World, string, RegExp]>([
    ['is skipped if the task role lacks nothing', {}, 'skip', /has the permissions/],
    [
      'warns if the execution role has the missing permissions',
      { rules: [TASK_ROLE_LACKS] },
      'warn',
      /execution role execution/,
    ],
    [
      'passes if neither role has the permissions',
      { rules: [['ssmmessages:', DENIED]] },
      'pass',
      /not on the execution role either/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('execution-role-mixup', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});

describe('permissions-boundary and service-control-policy', () => {
  it.each<[string, string, World, string, RegExp]>([
    ['permissions-boundary', 'passes', {}, 'pass', /No permissions boundary/],
    [
      'permissions-boundary',
      'explains a failure of the task role',
      {
        rules: [['app-task-role ssmmessages:Open', BY_BOUNDARY]],
        answers: { iam: { getRole: async () => roleIn('get-role-trust-wrong') } },
      },
      'fail',
      /policy\/workload-boundary blocks ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel for the task role/,
    ],
    [
      'permissions-boundary',
      "does not name the task role's boundary if the caller's boundary denies",
      { rules: [['jane ecs:ExecuteCommand', BY_BOUNDARY]] },
      'fail',
      /^A permissions boundary blocks ecs:ExecuteCommand for you\.$/,
    ],
    [
      'permissions-boundary',
      'warns if the failure that it explains is only a warning',
      {
        rules: [
          ['logs:PutLogEvents', BY_BOUNDARY],
          ['ecs:ExecuteCommand', DENIED],
        ],
        cluster: clusterIn('override-cloudwatch'),
        answers: { logs: { describeLogGroups: async () => [] } },
      },
      'warn',
      /blocks logs:PutLogEvents for the task role/,
    ],
    ['service-control-policy', 'passes', {}, 'pass', /No SCP/],
    [
      'service-control-policy',
      'explains a failure of the caller',
      { rules: [['jane ecs:ExecuteCommand', BY_SCP]] },
      'fail',
      /An SCP of your organization blocks ecs:ExecuteCommand for you\./,
    ],
    [
      'service-control-policy',
      'ignores the recommended denial of StartSession',
      { rules: [['ssm:StartSession', BY_SCP]] },
      'pass',
      /No SCP/,
    ],
    [
      'service-control-policy',
      'is skipped if nothing could be simulated',
      { answers: { iam: { simulate: denied } } },
      'skip',
      /Nothing could be simulated/,
    ],
  ])('%s %s', async (id, _name, world, status, message) => {
    expect(await statusOf(id, world)).toEqual({ status, message: expect.stringMatching(message) });
  });
});

describe('instance-profile-role', () => {
  const profile = 'arn:aws:iam::123456789012:instance-profile/ecs/hosts';
  const fallback = (rest: World = {}): World => ({
    task: EC2_TASK,
    definition: { containerDefinitions: [{ name: 'app' }] },
    ...rest,
    answers: {
      ec2: {
        describeInstance: async () => ({ InstanceId: 'i-1', IamInstanceProfile: { Arn: profile } }),
      },
      iam: { instanceProfileRoles: async () => ['arn:aws:iam::123456789012:role/host'] },
      ...rest.answers,
    },
  });

  it.each<[string, World, string, RegExp]>([
    ['is skipped on Fargate', {}, 'skip', /role of its own/],
    ['is skipped if the task has a role', { task: EC2_TASK }, 'skip', /role of its own/],
    [
      'passes if the instance role has the permissions',
      fallback(),
      'pass',
      /Falling back to instance role host;/,
    ],
    [
      'fails if the instance role lacks the permissions',
      fallback({ rules: [['role/host ssmmessages:', DENIED]] }),
      'fail',
      /instance role host, which lacks ssmmessages:CreateControlChannel/,
    ],
    [
      'fails if the instance has no role',
      fallback({ answers: { ec2: { describeInstance: async () => ({ InstanceId: 'i-1' }) } } }),
      'fail',
      /no role either/,
    ],
    [
      'is unknown if EC2 does not return the instance',
      fallback({ answers: { ec2: { describeInstance: async () => undefined } } }),
      'unknown',
      /does not know the instance/,
    ],
    [
      'names the missing permission',
      fallback({ answers: { ec2: { describeInstance: denied } } }),
      'unknown',
      /ec2:DescribeInstances/,
    ],
  ])('%s', async (_name, world, status, message) => {
    expect(await statusOf('instance-profile-role', world)).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });

  it('replaces the check of the task role', async () => {
    expect(await statusOf('task-role-ssmmessages', fallback())).toMatchObject({ status: 'skip' });
  });
});

describe('service-linked-role', () => {
  const only = (name: string) => ({
    iam: {
      getRole: async (asked: string) => (asked === name ? roleIn('get-role-trust-ok') : undefined),
    },
  });

  it('warns if the role is missing, with the command that creates it', async () => {
    const { of } = await diagnosisOf({ answers: only('app-task-role') });
    expect(of('service-linked-role')).toMatchObject({
      status: 'warn',
      fix: { command: 'aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com' },
    });
  });

  it('is skipped without permission for GetRole', async () => {
    const { of } = await diagnosisOf({ answers: { iam: { getRole: denied } } });
    expect(of('service-linked-role')).toMatchObject({
      status: 'skip',
      message: 'Not checked: you lack permission for iam:GetRole.',
    });
  });
});
