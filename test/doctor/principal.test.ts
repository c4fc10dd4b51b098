import { describe, expect, it } from 'vitest';
import { principalOf } from '#doctor/principal.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const identities = readFixture('iam-simulate/caller-identities.json') as Readonly<
  Record<string, { readonly Arn: string }>
>;

describe('principalOf', () => {
  it.each([
    ['user', { kind: 'arn', arn: 'arn:aws:iam::123456789012:user/team/jane' }],
    ['assumedRole', { kind: 'role', name: 'ops' }],
    // The role is under /aws-reserved/sso.amazonaws.com/, a path that only GetRole returns.
    ['sso', { kind: 'role', name: 'AWSReservedSSO_Dev_0123456789abcdef' }],
    ['root', { kind: 'none', why: 'the root user has no policies' }],
    ['federated', { kind: 'none', why: 'a federated user has no policies of its own' }],
  ])('reads the %s of the fixtures', (name, expected) => {
    expect(principalOf(identities[name]?.Arn ?? '')).toEqual(expected);
  });

  it.each([
    'arn:aws-cn:iam::123456789012:role/path/ops',
    'arn:aws-us-gov:iam::123456789012:user/jane',
  ])('returns %s unchanged, in any partition', (arn) => {
    expect(principalOf(arn)).toEqual({ kind: 'arn', arn });
  });

  it('names the role of an assumed-role ARN in another partition', () => {
    expect(principalOf('arn:aws-us-gov:sts::123456789012:assumed-role/ops/jane')).toEqual({
      kind: 'role',
      name: 'ops',
    });
  });

  it('returns no principal for any other ARN', () => {
    const why = 'nonsense is neither a user nor a role';
    expect(principalOf('nonsense')).toEqual({ kind: 'none', why });
  });
});
