import { describe, expect, it } from 'vitest';
import { parsePlace } from '#domain/policy/place.ts';

const ARN = 'arn:aws-cn:ecs:cn-north-1:123456789012';
const ID = '0f9de17a6465404e8b1b2356dc13c2f8';

describe('a place', () => {
  it.each([
    ['prod', { cluster: 'prod' }],
    ['prod/', { cluster: 'prod' }],
    [`${ARN}:cluster/prod`, { cluster: `${ARN}:cluster/prod`, region: 'cn-north-1' }],
    ['prod/web', { cluster: 'prod', target: { kind: 'name', name: 'web' } }],
    ['service:web', { target: { kind: 'service', service: 'web' } }],
    ['prod/web@app', { cluster: 'prod', target: { kind: 'name', name: 'web', container: 'app' } }],
    [ID, { target: { kind: 'name', name: ID } }],
    [`${ARN}:task/prod/${ID}`, { cluster: 'prod', region: 'cn-north-1', target: { kind: 'task' } }],
  ])('%s', (text, expected) => {
    expect(parsePlace(text)).toMatchObject(expected);
    if (!('target' in expected)) expect(parsePlace(text).target).toBeUndefined();
  });

  it.each([
    ['pr od', '"pr od" is not the name of a cluster.'],
    ['', '"" is not the name of a cluster.'],
    ['a/b/c', 'Cannot read the target "a/b/c": it has more than one "/".'],
    [`${ARN}:task-definition/web:1`, 'this ARN names a task-definition'],
  ])('%j is refused', (text, message) => {
    expect(() => parsePlace(text)).toThrow(message);
  });
});
