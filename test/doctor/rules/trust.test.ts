import { describe, expect, it } from 'vitest';
import { trustOfEcs } from '#doctor/rules/trust.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const REQUEST = {
  account: '123456789012',
  taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a',
};
const ECS = { Service: 'ecs-tasks.amazonaws.com' };
const ALLOW = { Effect: 'Allow', Principal: ECS, Action: 'sts:AssumeRole' };

const documentIn = (name: string): string =>
  Reflect.get(
    Object(Reflect.get(Object(readFixture(`iam-simulate/${name}.json`)), 'Role')),
    'AssumeRolePolicyDocument',
  );
const trust = (...statements: object[]) =>
  trustOfEcs(JSON.stringify({ Version: '2012-10-17', Statement: statements }), REQUEST);
const allowedIf = (Condition: object) => trust({ ...ALLOW, Condition });

describe('trustOfEcs', () => {
  it('decodes the URL-encoded documents of the fixtures', () => {
    expect(trustOfEcs(documentIn('get-role-trust-ok'), REQUEST)).toEqual({ kind: 'trusted' });
    expect(trustOfEcs(documentIn('get-role-trust-wrong'), REQUEST)).toEqual({
      kind: 'others',
      principals: ['ecs.amazonaws.com', 'ec2.amazonaws.com'],
    });
  });

  it.each([
    ['a list of services', { Principal: { Service: ['ec2.amazonaws.com', ECS.Service] } }],
    ['a list of actions', { Action: ['sts:TagSession', 'sts:AssumeRole'] }],
    ['a wildcard of actions', { Action: 'sts:*' }],
    ['an action in another case', { Action: 'sts:assumerole' }],
  ])('accepts %s', (_name, changes) => {
    expect(trust({ ...ALLOW, ...changes })).toEqual({ kind: 'trusted' });
  });

  it('accepts a single statement without its brackets', () => {
    expect(trustOfEcs(JSON.stringify({ Statement: ALLOW }), REQUEST)).toEqual({ kind: 'trusted' });
  });

  it('gives a Deny precedence', () => {
    expect(trust(ALLOW, { ...ALLOW, Effect: 'Deny' })).toEqual({ kind: 'denied' });
  });

  it.each([
    { StringEquals: { 'aws:SourceAccount': '123456789012' } },
    { StringEquals: { 'AWS:sourceaccount': ['1', '123456789012'] } },
    { ArnLike: { 'aws:SourceArn': 'arn:aws:ecs:us-east-1:123456789012:*' } },
    { StringLike: { 'aws:SourceArn': 'arn:aws:ecs:*:123456789012:*' } },
    { ArnEqualsIfExists: { 'aws:SourceArn': 'arn:aws:ecs:us-east-?:123456789012:*' } },
    { StringNotEquals: { 'aws:SourceAccount': '999999999999' } },
  ])('counts %j as met', (condition) => {
    expect(allowedIf(condition)).toEqual({ kind: 'trusted' });
  });

  it.each<[object, string]>([
    [{ StringEquals: { 'aws:SourceAccount': '999999999999' } }, 'aws:SourceAccount'],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:ecs:eu-west-1:123456789012:*' } }, 'aws:SourceArn'],
    [
      { StringEquals: { 'aws:SourceArn': 'arn:aws:ecs:us-east-1:123456789012:*' } },
      'aws:SourceArn',
    ],
    [{ StringNotEquals: { 'aws:SourceAccount': '123456789012' } }, 'aws:SourceAccount'],
  ])('counts %j as not met', (condition, key) => {
    expect(allowedIf(condition)).toEqual({ kind: 'mismatch', keys: [key] });
  });

  it.each<[object, string]>([
    [{ StringEquals: { 'aws:SourceOrgID': 'o-1' } }, 'aws:SourceOrgID'],
    [{ DateLessThan: { 'aws:CurrentTime': '2030-01-01' } }, 'aws:CurrentTime'],
  ])('leaves %j undecided', (condition, key) => {
    expect(allowedIf(condition)).toEqual({ kind: 'depends', keys: [key] });
  });

  it('reports a document that it cannot read', () => {
    expect(trustOfEcs('%%%', REQUEST)).toEqual({ kind: 'unreadable' });
  });
});
