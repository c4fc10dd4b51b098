import { describe, expect, it } from 'vitest';
import { decide, parseStatement } from '#simulator/api/policy.ts';
import { Fields } from '#simulator/fleet/fleet-fields.ts';

const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/1';

function decisionOf(
  statements: readonly object[],
  { action = 'ecs:ExecuteCommand', resource = TASK, context = {} } = {},
) {
  const parsed = statements.map((statement) => parseStatement(new Fields(statement, 'statement')));
  const entries = Object.entries(context).map(([key, value]) => [key, [String(value)]] as const);
  return decide(parsed, { action, resource, context: new Map(entries) });
}

const ALLOW = { Effect: 'Allow', Action: 'ecs:ExecuteCommand', Resource: '*' };
const DENY = { ...ALLOW, Effect: 'Deny' };
const WITH_TAG = {
  ...ALLOW,
  Condition: { StringEquals: { 'ecs:ResourceTag/env': ['dev', 'qa'] } },
};

describe('a policy', () => {
  it.each<[string, readonly object[], string]>([
    ['without a statement allows nothing', [], 'implicitDeny'],
    ['allows what a statement allows', [ALLOW], 'allowed'],
    ['denies what a statement denies, whatever another allows', [ALLOW, DENY], 'explicitDeny'],
    [
      'does not look at upper and lower case in actions',
      [{ ...ALLOW, Action: 'ECS:exec*' }],
      'allowed',
    ],
    [
      'allows only the resources it names',
      [{ ...ALLOW, Resource: 'arn:aws:ecs:*:*:cluster/*' }],
      'implicitDeny',
    ],
    ['takes ? for one character', [{ ...ALLOW, Resource: [`${TASK.slice(0, -1)}?`] }], 'allowed'],
    ['takes a dot for a dot', [{ ...ALLOW, Resource: TASK.replaceAll(':', '.') }], 'implicitDeny'],
  ])('%s', (_name, statements, decision) => {
    expect(decisionOf(statements)).toEqual({ decision, missing: [] });
  });

  it.each<[string, object, object]>([
    ['that is met', { 'ecs:resourcetag/env': 'qa' }, { decision: 'allowed', missing: [] }],
    [
      'that is not met',
      { 'ecs:resourcetag/env': 'prod' },
      { decision: 'implicitDeny', missing: [] },
    ],
    ['whose key is not known', {}, { decision: 'implicitDeny', missing: ['ecs:ResourceTag/env'] }],
  ])('with a condition %s', (_name, context, decision) => {
    expect(decisionOf([WITH_TAG], { context })).toEqual(decision);
  });

  it('refuses a condition that it cannot compare by', () => {
    const statement = { ...ALLOW, Condition: { DateLessThan: { 'aws:CurrentTime': '2026' } } };
    expect(() => decisionOf([statement])).toThrow('does not know DateLessThan');
  });
});
