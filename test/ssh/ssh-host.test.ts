import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import { hintForSsh, remoteUser, targetOfHost } from '#ssh/ssh-host.ts';

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

  it('can have another suffix', () => {
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

describe('the hint of an error', () => {
  const hintOf = (
    code: 'container-ambiguous' | 'container-not-found' | 'exec-disabled',
    hint: string,
  ) => hintForSsh(new EcshError(code, 'No.', { hint }), 'old.web.prod.ecs', '.ecs');

  it('puts the container name into the host name', () => {
    const hint = 'Choose one with -c, for example: -c app';
    expect(hintOf('container-ambiguous', hint)).toBe(
      'Name the container first:  ssh app.web.prod.ecs',
    );
  });

  it('keeps the candidates', () => {
    const hint = 'Did you mean app? Its containers: app, log. Choose one with -c CONTAINER.';
    expect(hintOf('container-not-found', hint)).toBe(
      'Did you mean app? Its containers: app, log. Name the container first:  ssh CONTAINER.web.prod.ecs',
    );
  });

  it('is unchanged if it is about something else', () => {
    expect(hintOf('exec-disabled', 'Turn it on.')).toBe('Turn it on.');
  });
});

describe('the user of ssh', () => {
  it('is the user of the command, except root', () => {
    expect(['root', '', 'deploy'].map(remoteUser)).toEqual([undefined, undefined, 'deploy']);
  });
});
