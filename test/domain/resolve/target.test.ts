import { describe, expect, it } from 'vitest';
import { parseTarget } from '#domain/resolve/target.ts';

const ID = '0f9de17a6465404e8b1b2356dc13c2f8';
const UUID = '0f9de17a-6465-404e-8b1b-2356dc13c2f8';
const TASK = `arn:aws:ecs:us-east-1:123456789012:task/prod/${ID}`;

describe('parseTarget', () => {
  it.each([
    ['web', { kind: 'name', name: 'web' }],
    ['prod/web', { kind: 'name', cluster: 'prod', name: 'web' }],
    ['prod/web@app', { kind: 'name', cluster: 'prod', name: 'web', container: 'app' }],
    ['web@app', { kind: 'name', name: 'web', container: 'app' }],
    ['0f9d', { kind: 'name', name: '0f9d' }],
    ['service:web', { kind: 'service', service: 'web' }],
    [
      'prod/service:web@app',
      { kind: 'service', cluster: 'prod', service: 'web', container: 'app' },
    ],
    ['service:prod/web', { kind: 'service', cluster: 'prod', service: 'web' }],
    ['family:site', { kind: 'family', family: 'site' }],
    ['prod/task:0F9D', { kind: 'task', cluster: 'prod', task: '0f9d' }],
    [`task:${UUID}`, { kind: 'task', task: UUID }],
    [TASK, { kind: 'task', cluster: 'prod', task: TASK, region: 'us-east-1' }],
    [
      `${TASK}@app`,
      { kind: 'task', cluster: 'prod', task: TASK, region: 'us-east-1', container: 'app' },
    ],
    [
      `arn:aws-cn:ecs:cn-north-1:123456789012:task/${UUID}`,
      {
        kind: 'task',
        task: `arn:aws-cn:ecs:cn-north-1:123456789012:task/${UUID}`,
        region: 'cn-north-1',
      },
    ],
    [
      'arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service/prod/web@app',
      {
        kind: 'service',
        cluster: 'prod',
        service: 'web',
        region: 'us-gov-west-1',
        container: 'app',
      },
    ],
    [
      'arn:aws:ecs:eu-west-1:123456789012:service/web',
      { kind: 'service', service: 'web', region: 'eu-west-1' },
    ],
  ])('reads %s', (text, expected) => {
    const given = Object.entries(parseTarget(text)).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(given)).toEqual(expected);
  });

  it.each([
    ['', 'the name is empty'],
    ['-', 'the last target has no meaning here'],
    ['/web', 'the cluster before "/" is empty'],
    ['a/b/c/d', 'it has more than one "/"'],
    ['web@', 'the container after @ is empty'],
    ['web@a@b', '"a@b" is not a container name'],
    ['prod/we b', '"we b" is not a name (letters, digits, "-" and "_" only)'],
    ['pr.od/web', '"pr.od" is not a cluster name'],
    ['task:web', '"web" is not a task id (hex digits)'],
    ['service:', 'the name is empty'],
    ['service:prod/task:0f', 'it has two prefixes, "service:" and "task:"'],
    ['arn:aws:ecs:us-east-1', 'this is not a complete ARN'],
    ['arn:aws:ecs:us-east-1:123456789012:task/prod/', 'this is not a complete ARN'],
    ['arn:aws:s3:::bucket', 'this is an ARN of s3, not of ecs'],
  ])('refuses "%s"', (text, problem) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({
        code: 'target-invalid',
        message: `Cannot read the target "${text}": ${problem}.`,
        hint: 'A target is [CLUSTER/]NAME[@CONTAINER] or a task ARN, for example: prod/web@app',
      }),
    );
  });

  it('suggests a target instead of the ARN of a cluster', () => {
    expect(() => parseTarget('arn:aws:ecs:us-east-1:123456789012:cluster/prod')).toThrow(
      expect.objectContaining({
        code: 'target-invalid',
        hint: 'Name a service or task, as prod/NAME. List them:  ecsh ls prod',
      }),
    );
  });

  it('recognises the id of an EC2 instance', () => {
    expect(() => parseTarget('i-0123456789abcdef0')).toThrow(
      expect.objectContaining({
        code: 'target-invalid',
        hint: 'Its own shell:  aws ssm start-session --target i-0123456789abcdef0',
      }),
    );
    expect(parseTarget('service:i-0123456789abcdef0')).toMatchObject({ kind: 'service' });
  });

  it.each([
    ['prod:web', 'prod/web'],
    ['prod/web/app', 'prod/web@app'],
    ['prod/web:/tmp', 'prod/web'],
    ['prod/web:app', 'prod/web@app'],
    ['prod//web', 'prod/web'],
    ['prod/web/', 'prod/web'],
    ['ssh://prod/web', 'prod/web'],
    ['web.prod.ecs', 'prod/web'],
    ['app.web.prod.ecs', 'prod/web@app'],
  ])('suggests %s', (text, meant) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({
        code: 'target-invalid',
        hint: `Did you mean ${meant}?\nA target is [CLUSTER/]NAME[@CONTAINER] or a task ARN, for example: prod/web@app`,
      }),
    );
  });
});
