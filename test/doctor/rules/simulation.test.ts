import { describe, expect, it } from 'vitest';
import {
  contextEntries,
  type Decision,
  decisionsOf,
  isFinal,
  reasonOf,
} from '#doctor/rules/simulation.ts';
import type { Evaluation } from '#domain/ports/iam-responses.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8';

const evaluationsIn = (name: string): readonly Evaluation[] =>
  Reflect.get(Object(readFixture(`iam-simulate/${name}.json`)), 'EvaluationResults');
const verdicts = (decisions: readonly Decision[]) =>
  decisions.map(({ action, verdict }) => `${action.replace('ssmmessages:', '')} ${verdict}`);

const ALLOWED: Evaluation = { EvalActionName: 'a:B', EvalDecision: 'allowed' };
const DENIED: Evaluation = { EvalActionName: 'a:B', EvalDecision: 'implicitDeny' };

/** Decides on every action that the evaluations mention. */
function decide(evaluations: readonly Evaluation[], resources: readonly string[]) {
  const actions = new Set(evaluations.map(({ EvalActionName }) => EvalActionName ?? ''));
  return decisionsOf(evaluations, [...actions], resources);
}

describe('decisionsOf', () => {
  it('ignores actions that were not requested', () => {
    const evaluations = evaluationsIn('implicit-deny');
    expect(decisionsOf(evaluations, ['ecs:ExecuteCommand'], ['*'])).toEqual([]);
  });

  it('returns an allowed action with the policy that allows it', () => {
    const [first, ...rest] = decide(evaluationsIn('allowed'), ['*']);
    expect(first).toEqual({
      action: 'ssmmessages:CreateControlChannel',
      resource: '*',
      verdict: 'allowed',
      isExplicit: false,
      byBoundary: false,
      byOrganization: false,
      policies: ['role_app-task-role_exec'],
      missingKeys: [],
    });
    expect(rest).toHaveLength(3);
  });

  it('decides on each action separately', () => {
    expect(verdicts(decide(evaluationsIn('implicit-deny'), ['*']))).toEqual([
      'CreateControlChannel allowed',
      'CreateDataChannel allowed',
      'OpenControlChannel denied',
      'OpenDataChannel denied',
    ]);
  });

  it.each([
    ['blocked-by-boundary', { byBoundary: true, byOrganization: false, isExplicit: false }],
    ['blocked-by-scp', { byBoundary: false, byOrganization: true, isExplicit: false }],
  ])('names what blocks in %s', (name, expected) => {
    for (const decision of decide(evaluationsIn(name), ['*'])) {
      expect(decision).toMatchObject({ verdict: 'denied', ...expected });
      expect(isFinal(decision)).toBe(true);
    }
  });

  it('names the policy with an explicit deny', () => {
    const [decision] = decide(evaluationsIn('execute-command-explicit-deny'), [TASK]);
    expect(decision).toMatchObject({
      resource: TASK,
      verdict: 'denied',
      isExplicit: true,
      policies: ['user_dev_deny-production-app'],
    });
  });

  it('uses the result of each resource, and marks one that depends on a missing key', () => {
    const decisions = decide(evaluationsIn('execute-command-missing-context'), [CLUSTER, TASK]);
    expect(decisions).toMatchObject([
      { resource: CLUSTER, verdict: 'allowed' },
      { resource: TASK, verdict: 'depends', missingKeys: ['ecs:ResourceTag/environment'] },
    ]);
  });

  it('prefers the result of a resource to the top-level result, whose name may be a template', () => {
    const evaluation: Evaluation = {
      ...ALLOWED,
      EvalResourceName: 'arn:*',
      ResourceSpecificResults: [
        { EvalResourceName: 'r1', EvalResourceDecision: 'explicitDeny' },
        { EvalResourceName: 'r2', EvalResourceDecision: 'allowed' },
      ],
    };
    expect(decide([evaluation], ['r1', 'r2'])).toMatchObject([
      { resource: 'r1', verdict: 'denied', isExplicit: true },
      { resource: 'r2', verdict: 'allowed' },
    ]);
  });

  it('accepts one evaluation per resource', () => {
    const evaluations = [
      { ...ALLOWED, EvalResourceName: 'r1' },
      { ...DENIED, EvalResourceName: 'r2' },
    ];
    expect(decide(evaluations, ['r1', 'r2']).map(({ verdict }) => verdict)).toEqual([
      'allowed',
      'denied',
    ]);
  });

  it('returns no decision for a resource without an evaluation', () => {
    const evaluations = [{ ...ALLOWED, EvalResourceName: 'r1' }];
    expect(decide(evaluations, ['r1', 'r2']).map(({ resource }) => resource)).toEqual(['r1']);
  });

  it.each(['Allowed', 'ALLOWED'])('reads %s as allowed', (EvalDecision) => {
    expect(decide([{ ...ALLOWED, EvalDecision }], ['*'])).toMatchObject([{ verdict: 'allowed' }]);
  });
});

describe('reasonOf', () => {
  const decision = (changes: Partial<Decision>): Decision => ({
    action: 'a:B',
    resource: '*',
    verdict: 'denied',
    isExplicit: false,
    byBoundary: false,
    byOrganization: false,
    policies: [],
    missingKeys: [],
    ...changes,
  });

  it.each<[string, Partial<Decision>]>([
    ['allowed', { verdict: 'allowed' }],
    ['depends on aws:SourceIp', { verdict: 'depends', missingKeys: ['aws:SourceIp'] }],
    ['implicitDeny (no policy allows it)', {}],
    ['explicitDeny (policy deny-prod)', { isExplicit: true, policies: ['deny-prod'] }],
    ['implicitDeny (blocked by the permissions boundary)', { byBoundary: true }],
    ['implicitDeny (blocked by a service control policy)', { byOrganization: true }],
  ])('returns %s', (words, changes) => {
    expect(reasonOf(decision(changes))).toBe(words);
  });
});

describe('contextEntries', () => {
  it('adds the keys that ECS sets, and the tags of the one resource', () => {
    const entries = contextEntries({
      clusterArn: CLUSTER,
      taskArn: TASK,
      containerName: 'app',
      region: 'us-east-1',
      tags: [{ key: 'team', value: 'blue' }, { value: 'no key' }],
    });
    expect(entries.map((entry) => [entry.ContextKeyName, ...entry.ContextKeyValues])).toEqual([
      ['ecs:cluster', CLUSTER],
      ['ecs:task', TASK],
      ['ecs:container-name', 'app'],
      ['aws:RequestedRegion', 'us-east-1'],
      ['aws:ResourceTag/team', 'blue'],
      ['ecs:ResourceTag/team', 'blue'],
    ]);
  });
});
