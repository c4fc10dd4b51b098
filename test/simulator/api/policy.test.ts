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
    ['denies what one statement denies, even if another allows it', [ALLOW, DENY], 'explicitDeny'],
    ['ignores case in actions', [{ ...ALLOW, Action: 'ECS:exec*' }], 'allowed'],
    [
      'allows only the resources it names',
      [{ ...ALLOW, Resource: 'arn:aws:ecs:*:*:cluster/*' }],
      'implicitDeny',
    ],
    [
      'matches one character with ?',
      [{ ...ALLOW, Resource: [`${TASK.slice(0, -1)}?`] }],
      'allowed',
    ],
    [
      'matches a dot literally',
      [{ ...ALLOW, Resource: TASK.replaceAll(':', '.') }],
      'implicitDeny',
    ],
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
    ['whose key is unknown', {}, { decision: 'implicitDeny', missing: ['ecs:ResourceTag/env'] }],
  ])('with a condition %s', (_name, context, decision) => {
    expect(decisionOf([WITH_TAG], { context })).toEqual(decision);
  });

  it('rejects a condition operator that it does not know', () => {
    const statement = { ...ALLOW, Condition: { DateLessThan: { 'aws:CurrentTime': '2026' } } };
    expect(() => decisionOf([statement])).toThrow('does not know DateLessThan');
  });
});
