import { describe, expect, it } from 'vitest';
import { parseTarget } from '#domain/resolve/target.ts';
import { remoteUser, targetOfHost } from '#ssh/ssh-host.ts';

describe('the host name of a container', () => {
  it.each([
    ['web.prod.ecs', 'prod/web'],
    ['app.web.prod.ecs', 'prod/web@app'],
    ['0f9de17a.prod.ecs', 'prod/0f9de17a'],
    ['web.ecs', 'web'],
    ['My_Service-2.Prod.ecs', 'Prod/My_Service-2'],
  ])('%s is %s', (host, target) => {
    expect(targetOfHost(host, '.ecs')).toBe(target);
    expect(() => parseTarget(target)).not.toThrow();
  });

  it('may have another suffix', () => {
    expect(targetOfHost('web.prod.staging.ecs', '.staging.ecs')).toBe('prod/web');
  });

  it.each(['a.b.c.d.ecs', '.ecs', 'web..ecs', 'we b.prod.ecs', 'web/x.prod.ecs'])(
    'is not %j',
    (host) => {
      expect(() => targetOfHost(host, '.ecs')).toThrowError(
        expect.objectContaining({ code: 'target-invalid' }),
      );
    },
  );
});

describe('the user of ssh', () => {
  it('is the user of the command, unless it is root', () => {
    expect(['root', '', 'deploy'].map(remoteUser)).toEqual([undefined, undefined, 'deploy']);
  });
});
