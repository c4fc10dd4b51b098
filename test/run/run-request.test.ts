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
  it('has the placement and tags of the service, ECS Exec on, and the mark of ecsh run', () => {
    const request = runTaskRequest({
      source: source([{ name: 'app' }]),
      container: 'app',
      command: holdCommand(60),
      isDetached: false,
      image: undefined,
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
        { key: 'ecsh:run-id', value: 'token' },
      ],
      enableExecuteCommand: true,
      startedBy: 'ecsh-run',
      clientToken: 'token',
    });
  });
});

describe('RunTask for a detached command', () => {
  const detached = (source: RunSource, image?: string) =>
    runTaskRequest({
      source,
      container: 'app',
      command: ['./job'],
      isDetached: true,
      image,
      overrides: {
        cpu: undefined,
        memory: undefined,
        taskRole: undefined,
        environment: { DEBUG: '1' },
      },
      clientToken: 'token',
    });

  it('has its variables, the container whose status counts, and the image', () => {
    const { overrides, tags } = detached(source([{ name: 'app' }]), 'app:2');
    expect(overrides?.containerOverrides).toEqual([
      { name: 'app', command: ['./job'], environment: [{ name: 'DEBUG', value: '1' }] },
    ]);
    expect(tags).toEqual([
      { key: 'team', value: 'shop' },
      { key: 'ecsh:run', value: 'web' },
      { key: 'ecsh:run-id', value: 'token' },
      { key: 'ecsh:run-detached', value: 'app' },
      { key: 'ecsh:run-image', value: 'app:2' },
    ]);
  });

  it('names the family if there is no service', () => {
    const { tags = [] } = detached({ ...source([{ name: 'app' }]), service: undefined });
    expect(tags).toContainEqual({ key: 'ecsh:run', value: 'family:site' });
  });

  it('turns ECS Exec on only if there is a task role, because ECS refuses it otherwise', () => {
    const plain = source([{ name: 'app' }]);
    const withRole = { ...plain, definition: { ...plain.definition, taskRoleArn: 'role' } };
    expect(detached(plain).enableExecuteCommand).toBe(false);
    expect(detached(withRole).enableExecuteCommand).toBe(true);
  });
});

describe('the container of a fresh task', () => {
  it.each<readonly [string, readonly { name: string; essential?: boolean }[], string | undefined]>([
    ['the only one', [{ name: 'main' }], 'main'],
    ['the one named like the service', [{ name: 'proxy' }, { name: 'web' }], 'web'],
    ['the one named like the family', [{ name: 'proxy' }, { name: 'site' }], 'site'],
    ['not one that AWS adds', [{ name: 'ecs-service-connect-a1' }, { name: 'main' }], 'main'],
    ['the only essential one', [{ name: 'log', essential: false }, { name: 'main' }], 'main'],
  ])('is %s', (_, containers, expected) => {
    expect(runContainer(source(containers), undefined)).toBe(expected);
  });

  it('is the one named with -c', () => {
    expect(runContainer(source([{ name: 'a' }, { name: 'b' }]), 'b')).toBe('b');
  });

  it('must be named if there are several, and must exist', () => {
    const both = source([{ name: 'a' }, { name: 'b' }]);
    expect(() => runContainer(both, undefined)).toThrowError(
      expect.objectContaining({ code: 'container-ambiguous' }),
    );
    expect(() => runContainer(both, 'c')).toThrowError(
      expect.objectContaining({ code: 'container-not-found', hint: 'It has: a, b.' }),
    );
  });
});
