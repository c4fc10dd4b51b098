import { describe, expect, it } from 'vitest';
import { keyedCluster } from '#test/fakes/doctor-setup.ts';
import { leadOf, verdictAndFixOf } from '#test/fakes/doctor-verdict.ts';
import {
  DENIED,
  denied,
  diagnosisOf,
  KEY,
  KEY_ID,
  TASK_ROLE,
  type World,
} from '#test/fakes/doctor-world.ts';

const key = (state: string, changes: object = {}): World => ({
  cluster: keyedCluster(KEY),
  answers: { keys: { describeKey: async () => ({ Arn: KEY, KeyState: state, ...changes }) } },
});

describe('keys', () => {
  it.each<[string, World, string, RegExp]>([
    ['PendingImport', key('PendingImport'), 'not ready: kms-key-usable', /Name another key/],
    ['Unavailable', key('Unavailable'), 'not ready: kms-key-usable', /Name another key/],
    ['PendingReplicaDeletion', key('PendingReplicaDeletion'), 'not ready: kms-key-usable', /./],
    [
      'PendingDeletion',
      key('PendingDeletion'),
      'not ready: kms-key-usable',
      /cancel-key-deletion[\s\S]*enable-key/,
    ],
    ['Disabled', key('Disabled'), 'not ready: kms-key-usable', /enable-key/],
    [
      'RSA',
      key('Enabled', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }),
      'not ready: kms-key-usable',
      /Name another key/,
    ],
    [
      'HMAC',
      key('Enabled', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
      'not ready: kms-key-usable',
      /Name another key/,
    ],
    ['multi-region, in this region', key('Enabled', { MultiRegion: true }), 'ready: -', /./],
  ])('%s', async (_name, world, expected, fix) => {
    expect(await verdictAndFixOf(world)).toEqual({
      verdict: expected,
      fix: expect.stringMatching(fix),
    });
  });
});

describe('a session key', () => {
  const enabled = (Arn: string) => ({
    keys: { describeKey: async () => ({ Arn, KeyState: 'Enabled' }), getKeyPolicy: denied },
  });
  const ELSEWHERE = `arn:aws:kms:eu-west-1:123456789012:key/${KEY_ID}`;
  const FOREIGN = `arn:aws:kms:us-east-1:210987654321:key/${KEY_ID}`;

  it.each<[string, World, boolean, string | undefined]>([
    ['in this region', { cluster: keyedCluster(KEY), answers: enabled(KEY) }, true, undefined],
    [
      'in another region',
      { cluster: keyedCluster(ELSEWHERE), answers: enabled(ELSEWHERE) },
      false,
      'kms-key-usable',
    ],
    [
      'in another region, without permission to describe it',
      { cluster: keyedCluster(ELSEWHERE), answers: { keys: { describeKey: denied } } },
      false,
      'kms-key-usable',
    ],
    [
      'of another account, without IAM permission',
      { cluster: keyedCluster(FOREIGN), answers: enabled(FOREIGN), rules: [['kms:', DENIED]] },
      false,
      'caller-kms-generate-data-key',
    ],
    [
      'of another account, without permission to describe it or, for the task role, to decrypt with it',
      {
        cluster: keyedCluster(FOREIGN),
        answers: { keys: { describeKey: denied } },
        rules: [['kms:Decrypt', DENIED]],
      },
      false,
      'task-role-kms-decrypt',
    ],
    [
      'of another account, with IAM permission',
      { cluster: keyedCluster(FOREIGN), answers: enabled(FOREIGN) },
      true,
      undefined,
    ],
    [
      'of another account, whose policy names a third account',
      {
        cluster: keyedCluster(FOREIGN),
        answers: {
          keys: {
            ...enabled(FOREIGN).keys,
            getKeyPolicy: async () =>
              '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"kms:*","Resource":"*"}]}',
          },
        },
      },
      false,
      'caller-kms-generate-data-key',
    ],
  ])('%s', async (_name, world, ready, lead) => {
    const found = await leadOf(world);
    expect([found.isReady, found.lead?.id]).toEqual([ready, lead]);
  });

  const ROOT = { AWS: 'arn:aws:iam::123456789012:root' };
  const ADMIN = { AWS: 'arn:aws:iam::123456789012:role/admin' };
  const allow = (Principal: object, changes: object = {}) => ({
    ...{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*', ...changes },
  });
  const account = { StringEquals: { 'kms:CallerAccount': '123456789012' } };
  const byService = { StringEquals: { 'kms:ViaService': 'ecs.us-east-1.amazonaws.com' } };

  it.each<[string, object[], string, string]>([
    ['delegates to IAM', [allow(ROOT)], 'pass', 'pass'],
    ['names neither the account nor the caller nor the role', [allow(ADMIN)], 'fail', 'fail'],
    [
      'denies the task role',
      [allow(ROOT), { ...allow({ AWS: TASK_ROLE }), Effect: 'Deny' }],
      'pass',
      'fail',
    ],
    ['names only the task role', [allow({ AWS: TASK_ROLE })], 'fail', 'pass'],
    [
      'allows callers of the account',
      [allow({ AWS: '*' }, { Condition: account })],
      'pass',
      'pass',
    ],
    [
      'depends on the calling service',
      [allow(ROOT, { Condition: byService })],
      'unknown',
      'unknown',
    ],
  ])('of this account, whose policy %s', async (_name, Statement, ofCaller, ofRole) => {
    const keys = {
      ...enabled(KEY).keys,
      getKeyPolicy: async () => JSON.stringify({ Statement }),
    };
    const { of } = await diagnosisOf({ cluster: keyedCluster(KEY), answers: { keys } });
    const ids = ['caller-kms-generate-data-key', 'task-role-kms-decrypt'] as const;
    expect(ids.map((id) => of(id).status)).toEqual([ofCaller, ofRole]);
  });

  it('of another account is evaluated by its key policy if that is readable', async () => {
    const granted = {
      keys: {
        ...enabled(FOREIGN).keys,
        getKeyPolicy: async () =>
          '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}',
      },
    };
    const ids = ['caller-kms-generate-data-key', 'task-role-kms-decrypt'] as const;
    const seen = await diagnosisOf({ cluster: keyedCluster(FOREIGN), answers: granted });
    expect(ids.map((id) => seen.of(id).status)).toEqual(['pass', 'pass']);
    const unseen = await diagnosisOf({ cluster: keyedCluster(FOREIGN), answers: enabled(FOREIGN) });
    expect(ids.map((id) => unseen.of(id).status)).toEqual(['unknown', 'unknown']);
  });

  it('with a replica in this region is replaced by the replica', async () => {
    const replica = 'arn:aws:kms:eu-west-1:123456789012:key/mrk-1';
    const { of } = await diagnosisOf({ cluster: keyedCluster(replica), answers: enabled(replica) });
    expect(of('kms-key-usable').fix?.command).toBe(
      'ecsh logging set prod --kms-key arn:aws:kms:us-east-1:123456789012:key/mrk-1',
    );
  });
});
