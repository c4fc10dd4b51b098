import { describe, expect, it } from 'vitest';
import { policyNamed } from '#domain/policy/policies.ts';
import { documentOf, EMPTY_VALUES } from '#domain/policy/policy-model.ts';
import {
  CALLER,
  clusterIn,
  DENIED,
  denied,
  diagnosisOf,
  EXPLICIT,
  KEY,
  TASK,
  type World,
} from '#test/fakes/doctor-world.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const identities = readFixture('iam-simulate/caller-identities.json') as Readonly<
  Record<string, { readonly Account: string; readonly Arn: string }>
>;
const as = (name: string) => ({
  sts: { getCallerIdentity: async () => identities[name] ?? {} },
});
const missing = (about: string, key: string): NonNullable<World['rules']>[number] => [
  about,
  { ...DENIED, MissingContextValues: [key] },
];
const withKey = (rest: World = {}): World => ({
  cluster: clusterIn('kms-only'),
  ...rest,
  answers: {
    keys: { describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }) },
    ...rest.answers,
  },
});
const keyPolicy = (...principals: string[]) =>
  JSON.stringify({
    Statement: [
      { Effect: 'Allow', Principal: { AWS: principals }, Action: 'kms:*', Resource: '*' },
    ],
  });
const withKeyPolicy = (policy: string): World =>
  withKey({
    rules: [['kms:GenerateDataKey', DENIED]],
    answers: {
      keys: {
        describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }),
        getKeyPolicy: async () => policy,
      },
    },
  });

describe('caller-identity', () => {
  it('fails for credentials of another account', async () => {
    const answers = {
      sts: {
        getCallerIdentity: async () => ({
          Account: '210987654321',
          Arn: 'arn:aws:iam::210987654321:user/jane',
        }),
      },
    };
    expect((await diagnosisOf({ answers })).of('caller-identity')).toMatchObject({
      status: 'fail',
      message:
        'You are arn:aws:iam::210987654321:user/jane in account 210987654321; the cluster is in account 123456789012.',
      fix: { command: 'aws configure list-profiles' },
    });
  });
});

describe('caller-execute-command', () => {
  it.each<[string, World, string, RegExp]>([
    [
      'passes if the cluster and the task are both allowed',
      {},
      'pass',
      /on the cluster and on the task/,
    ],
    [
      'fails if only the task is allowed',
      { rules: [['ecs:ExecuteCommand .*:cluster/', DENIED]] },
      'fail',
      /user\/team\/jane: ecs:ExecuteCommand on arn:aws:ecs:us-east-1:123456789012:cluster\/prod is implicitDeny \(no policy allows it\)/,
    ],
    [
      'fails if only the cluster is allowed',
      { rules: [['ecs:ExecuteCommand .*:task/', DENIED]] },
      'fail',
      /on arn:aws:ecs:us-east-1:123456789012:task\/prod\/a1 is implicitDeny/,
    ],
    [
      'fails if DescribeTasks is denied',
      { rules: [['ecs:DescribeTasks', DENIED]] },
      'fail',
      /DescribeTasks/,
    ],
    [
      'names the policy with the Deny',
      { rules: [['ecs:ExecuteCommand', EXPLICIT]] },
      'fail',
      /explicitDeny \(policy deny-it\)/,
    ],
    [
      'is unknown, not failed, if the decision depends on an unknown condition key',
      { rules: [missing('ecs:ExecuteCommand .*:task/', 'ecs:ResourceTag/team')] },
      'unknown',
      /depends on ecs:ResourceTag\/team/,
    ],
    ['is unknown for the root user', { answers: as('root') }, 'unknown', /root user/],
    ['is unknown for a federated user', { answers: as('federated') }, 'unknown', /federated user/],
    [
      'names the permission that the simulation lacks',
      { answers: { iam: { simulate: denied } } },
      'unknown',
      /you lack permission for iam:SimulatePrincipalPolicy/,
    ],
  ])('%s', async (_name, world, status, message) => {
    const result = (await diagnosisOf(world)).of('caller-execute-command');
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it('prints the policy to attach, or names the policy whose owner must change it', async () => {
    const implicit = await diagnosisOf({ rules: [['ecs:ExecuteCommand', DENIED]] });
    expect(implicit.of('caller-execute-command').fix).toEqual({
      summary: 'Attach this policy to your user or role',
      command: 'ecsh policy caller -C prod',
      policy: documentOf(policyNamed('caller'), {
        ...EMPTY_VALUES,
        partition: 'aws',
        region: 'us-east-1',
        account: '123456789012',
        cluster: 'prod',
        tagScope: 'task',
      }),
    });
    const explicit = await diagnosisOf({ rules: [['ecs:ExecuteCommand', EXPLICIT]] });
    expect(explicit.of('caller-execute-command').fix).toEqual({
      summary: 'Ask the owner of policy deny-it to let ecs:ExecuteCommand through.',
    });
  });

  it('passes the tags of the cluster and of the task to the simulation as condition keys', async () => {
    const { simulations } = await diagnosisOf({
      task: { ...TASK, tags: [{ key: 'team', value: 'blue' }] },
      cluster: { ...clusterIn('none'), tags: [{ key: 'stage', value: 'live' }] },
    });
    const keysFor = (resource: string) =>
      simulations
        .find(({ ResourceArns }) => ResourceArns.some((arn) => arn.includes(resource)))
        ?.ContextEntries.map(({ ContextKeyName }) => ContextKeyName);
    const common = ['ecs:cluster', 'ecs:task', 'ecs:container-name', 'aws:RequestedRegion'];
    expect(keysFor(':cluster/')).toEqual([
      ...common,
      'aws:ResourceTag/stage',
      'ecs:ResourceTag/stage',
    ]);
    expect(keysFor(':task/')).toEqual([...common, 'aws:ResourceTag/team', 'ecs:ResourceTag/team']);
    expect(simulations.every(({ ResourceArns }) => ResourceArns.length === 1)).toBe(true);
  });

  it('simulates an assumed role by the full path that GetRole returns', async () => {
    const Arn = 'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/Dev';
    const { simulations } = await diagnosisOf({
      answers: { ...as('sso'), iam: { getRole: async () => ({ Arn }) } },
    });
    expect(simulations.map(({ PolicySourceArn }) => PolicySourceArn)).toContain(Arn);
  });
});

describe('caller-kms-generate-data-key', () => {
  it.each<[string, World, string, RegExp]>([
    ['is skipped if the cluster has no session key', {}, 'skip', /no session key/],
    ['passes', withKey(), 'pass', /data keys/],
    [
      'warns if the key policy is unreadable and may allow it',
      withKey({
        rules: [['kms:GenerateDataKey', DENIED]],
        answers: {
          keys: {
            describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }),
            getKeyPolicy: denied,
          },
        },
      }),
      'warn',
      /cannot create the session data key .* may allow it/,
    ],
    [
      'fails if the key policy grants nothing',
      withKeyPolicy(keyPolicy('arn:aws:iam::123456789012:root')),
      'fail',
      /cannot create/,
    ],
    [
      'simulates the key ARN from the cluster if the caller lacks permission for kms:DescribeKey',
      withKey({
        rules: [['kms:GenerateDataKey', EXPLICIT]],
        answers: { keys: { describeKey: denied } },
      }),
      'fail',
      new RegExp(`data key with ${KEY}`),
    ],
    [
      'passes if the key policy grants it',
      withKeyPolicy(keyPolicy(CALLER)),
      'pass',
      /The policy of arn:/,
    ],
    [
      'fails on an explicit Deny',
      withKey({ rules: [['kms:GenerateDataKey', EXPLICIT]] }),
      'fail',
      /deny-it/,
    ],
  ])('%s', async (_name, world, status, message) => {
    const result = (await diagnosisOf(world)).of('caller-kms-generate-data-key');
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it('prints the policy to attach', async () => {
    const { of } = await diagnosisOf(withKeyPolicy(keyPolicy('arn:aws:iam::123456789012:root')));
    expect(of('caller-kms-generate-data-key').fix?.command).toBe(
      `ecsh policy caller-kms --kms-key ${KEY}`,
    );
  });
});

describe('caller-start-session', () => {
  const allowed: World = {
    rules: [['ssm:StartSession', { EvalDecision: 'allowed' }]],
  };

  it('passes if StartSession is denied, and warns if it is allowed', async () => {
    expect((await diagnosisOf()).of('caller-start-session').status).toBe('pass');
    expect((await diagnosisOf(allowed)).of('caller-start-session')).toMatchObject({
      status: 'warn',
      fix: { command: 'ecsh policy deny-start-session -C prod' },
    });
  });

  it('does not fail other checks if StartSession is denied', async () => {
    const { isReady, of } = await diagnosisOf({ rules: [['ssm:StartSession', EXPLICIT]] });
    expect([isReady, of('caller-execute-command').status]).toEqual([true, 'pass']);
  });
});
