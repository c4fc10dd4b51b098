import { describe, expect, it } from 'vitest';
import { messages, network } from '#test/fakes/doctor-network.ts';
import { verdictOf } from '#test/fakes/doctor-verdict.ts';
import { diagnosisOf, TASK_ROLE } from '#test/fakes/doctor-world.ts';

const policy = (...Statement: object[]) =>
  messages({ PolicyDocument: JSON.stringify({ Statement }) });
const allow = (changes: object = {}) => ({
  Effect: 'Allow',
  Principal: '*',
  Action: '*',
  Resource: '*',
  ...changes,
});
const deny = (changes: object) => ({ ...allow(changes), Effect: 'Deny' });

describe('endpoint policies', () => {
  const condition = (Condition: object) => [allow({ Condition })];
  it.each<[string, readonly object[], string]>([
    ['empty list of statements', [], 'not ready: vpce-usable'],
    ['ssmmessages:*', [allow({ Action: 'ssmmessages:*' })], 'ready: -'],
    ['SSMMESSAGES in another case', [allow({ Action: 'SSMMessages:*' })], 'ready: -'],
    ['only ssm:*', [allow({ Action: 'ssm:*' })], 'not ready: vpce-usable'],
    ['the account by its number', [allow({ Principal: { AWS: '123456789012' } })], 'ready: -'],
    [
      'the account by its root',
      [allow({ Principal: { AWS: 'arn:aws:iam::123456789012:root' } })],
      'ready: -',
    ],
    ['another account', [allow({ Principal: { AWS: '210987654321' } })], 'not ready: vpce-usable'],
    ['the role itself', [allow({ Principal: { AWS: [TASK_ROLE] } })], 'ready: -'],
    ['AWS: *', [allow({ Principal: { AWS: '*' } })], 'ready: -'],
    [
      'only a service principal',
      [allow({ Principal: { Service: 'ecs-tasks.amazonaws.com' } })],
      'not ready: vpce-usable',
    ],
    [
      'a deny for all others by NotPrincipal',
      [allow(), { Effect: 'Deny', NotPrincipal: { AWS: TASK_ROLE }, Action: '*', Resource: '*' }],
      'ready: -',
    ],
    [
      'a principal of the organization',
      condition({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }),
      'ready: -',
    ],
    [
      'a PrincipalArn pattern for the roles of the account',
      condition({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/*' } }),
      'ready: -',
    ],
    [
      'a PrincipalArn pattern for the roles of another account',
      condition({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::210987654321:role/*' } }),
      'not ready: vpce-usable',
    ],
    [
      'a list with PrincipalAccount',
      condition({ StringEquals: { 'aws:PrincipalAccount': ['1', '123456789012'] } }),
      'ready: -',
    ],
    [
      'a SourceVpce condition for another endpoint',
      condition({ StringEquals: { 'aws:SourceVpce': 'vpce-other' } }),
      'not ready: vpce-usable',
    ],
    [
      'a deny without TLS',
      [allow(), deny({ Condition: { Bool: { 'aws:SecureTransport': false } } })],
      'ready: -',
    ],
    [
      'a deny from other VPCs',
      [allow(), deny({ Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-other' } } })],
      'not ready: vpce-usable',
    ],
    [
      'a deny of one channel action',
      [allow(), deny({ Action: ['ssmmessages:OpenDataChannel'] })],
      'not ready: vpce-usable',
    ],
    [
      'a deny of an action that the agent does not call',
      [allow(), deny({ Action: 'ssmmessages:Foo*' })],
      'ready: -',
    ],
    [
      'PrincipalOrgID with IfExists',
      condition({ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }),
      'ready: -',
    ],
    [
      'a Null condition: PrincipalArn must be present',
      condition({ Null: { 'aws:PrincipalArn': 'false' } }),
      'ready: -',
    ],
    [
      'a Null condition: PrincipalArn must be absent',
      condition({ Null: { 'aws:PrincipalArn': 'true' } }),
      'not ready: vpce-usable',
    ],
  ])('%s', async (_name, statements, expected) => {
    expect(await verdictOf(network({ list: policy(...statements) }))).toBe(expected);
  });
});

describe('an endpoint policy with a condition', () => {
  it.each<[string, object, string]>([
    ['its own VPC', { StringEquals: { 'aws:SourceVpc': 'vpc-0123456789abcdef0' } }, 'ready pass'],
    ['another VPC', { StringEquals: { 'aws:SourceVpc': 'vpc-99' } }, 'not ready fail'],
    ['itself', { StringEquals: { 'aws:SourceVpce': 'vpce-00000000000000003' } }, 'ready pass'],
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, 'ready pass'],
    [
      'the account of the role',
      { StringEquals: { 'aws:PrincipalAccount': '123456789012' } },
      'ready pass',
    ],
    [
      'another account',
      { StringEquals: { 'aws:PrincipalAccount': '999999999999' } },
      'not ready fail',
    ],
    [
      'a key that doctor cannot know',
      { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      'ready unknown',
    ],
  ])('on %s', async (_name, condition, expected) => {
    const list = policy(allow({ Condition: condition }));
    const { isReady, of } = await diagnosisOf(network({ list }));
    expect(`${isReady ? 'ready' : 'not ready'} ${of('vpce-usable').status}`).toBe(expected);
  });
});
