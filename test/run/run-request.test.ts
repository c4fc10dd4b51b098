import { describe, expect, it } from 'vitest';
import { holdCommand, runContainer, runTaskRequest } from '#run/run-request.ts';
import type { RunSource } from '#run/run-source.ts';

const DEFINITION = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:42';

const source = (containers: readonly { name: string; essential?: boolean }[]): RunSource => ({
  cluster: 'prod',
  service: 'web',
  definition: { taskDefinitionArn: DEFINITION, family: 'site', containerDefinitions: containers },
  placement: { launchType: 'FARGATE', tags: [{ key: 'team', value: 'shop' }] },
});

describe('RunTask for one command', () => {
  it('has the placement and tags of the service, ECS Exec on, and our mark', () => {
    const request = runTaskRequest({
      source: source([{ name: 'app' }]),
      container: 'app',
      command: holdCommand(60),
      overrides: { cpu: undefined, memory: '2048', taskRole: undefined, environment: {} },
      clientToken: 'token',
    });
    expect(request).toEqual({
      cluster: 'prod',
      taskDefinition: DEFINITION,
      launchType: 'FARGATE',
      overrides: {
        containerOverrides: [
          { name: 'app', command: ['sh', '-c', "trap 'exit 0' TERM INT; sleep 60 & wait $!"] },
        ],
        memory: '2048',
      },
      tags: [
        { key: 'team', value: 'shop' },
        { key: 'ecsh:run', value: 'web' },
      ],
      enableExecuteCommand: true,
      startedBy: 'ecsh-run',
      clientToken: 'token',
    });
  });
});

describe('the container of a fresh task', () => {
  it.each<readonly [string, readonly { name: string; essential?: boolean }[], string | undefined]>([
    ['the only one', [{ name: 'main' }], 'main'],
    ['the namesake of the service', [{ name: 'proxy' }, { name: 'web' }], 'web'],
    ['the namesake of the family', [{ name: 'proxy' }, { name: 'site' }], 'site'],
    ['the only essential one', [{ name: 'log', essential: false }, { name: 'main' }], 'main'],
  ])('is %s', (_, containers, expected) => {
    expect(runContainer(source(containers), undefined)).toBe(expected);
  });

  it('is the one asked for', () => {
    expect(runContainer(source([{ name: 'a' }, { name: 'b' }]), 'b')).toBe('b');
  });

  it('has to be named among several, and to exist', () => {
    const both = source([{ name: 'a' }, { name: 'b' }]);
    expect(() => runContainer(both, undefined)).toThrowError(
      expect.objectContaining({ code: 'container-ambiguous' }),
    );
    expect(() => runContainer(both, 'c')).toThrowError(
      expect.objectContaining({ code: 'container-not-found', hint: 'It has: a, b.' }),
    );
  });
});
