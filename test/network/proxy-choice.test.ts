import { describe, expect, it } from 'vitest';
import { chooseProxy } from '#network/proxy-choice.ts';
import { namesProxy } from '#network/proxy-variables.ts';

type Env = Record<string, string>;

function chosen(url: string, env: Env): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = ['https:', 'wss:'].includes(protocol);
  const target = { isSecure, hostname, port: Number(port || (isSecure ? 443 : 80)) };
  const proxy = chooseProxy(target, env);
  if (proxy === undefined) return undefined;
  return `${proxy.variable} ${proxy.isSecure ? 'https' : 'http'} ${proxy.hostname} ${proxy.port}`;
}

describe('the proxy of a request (W-4)', () => {
  const all = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://p:2', ALL_PROXY: 'http://a:3' };

  it.each<[string, string, Env, string | undefined]>([
    ['none without variables', 'https://x.test', {}, undefined],
    ['none if the variable is empty', 'https://x.test', { HTTPS_PROXY: '' }, undefined],
    ['HTTPS_PROXY for https', 'https://x.test', all, 'HTTPS_PROXY http s 1'],
    ['HTTPS_PROXY for wss', 'wss://x.test', all, 'HTTPS_PROXY http s 1'],
    ['HTTP_PROXY for http', 'http://x.test', all, 'HTTP_PROXY http p 2'],
    ['HTTP_PROXY for ws', 'ws://x.test', all, 'HTTP_PROXY http p 2'],
    ['ALL_PROXY for the rest', 'https://x.test', { ALL_PROXY: 'a:3' }, 'ALL_PROXY http a 3'],
    [
      'the lower-case name first',
      'https://x.test',
      { ...all, https_proxy: 'l:4' },
      'https_proxy http l 4',
    ],
    ['port 80 by default', 'https://x.test', { HTTPS_PROXY: 'proxy' }, 'HTTPS_PROXY http proxy 80'],
    [
      'port 443 of an https proxy',
      'https://x.test',
      { HTTPS_PROXY: 'https://p' },
      'HTTPS_PROXY https p 443',
    ],
    ['an IPv6 proxy', 'https://x.test', { HTTPS_PROXY: '[::1]:8080' }, 'HTTPS_PROXY http ::1 8080'],
  ])('is %s', (_, url, env, expected) => {
    expect(chosen(url, env)).toBe(expected);
    expect(namesProxy(env)).toBe(Object.values(env).some((value) => value !== ''));
  });

  it.each([
    ['*', 'https://x.test', true],
    ['x.test', 'https://x.test', true],
    ['X.TEST', 'https://x.test', true],
    ['test', 'https://x.test', true],
    ['.x.test', 'https://a.x.test', true],
    ['*.x.test', 'https://a.x.test', true],
    ['x.test', 'https://a.b.x.test', true],
    ['x.test', 'https://ax.test', false],
    ['a.x.test', 'https://x.test', false],
    ['y.test, x.test', 'https://x.test', true],
    ['y.test x.test', 'https://x.test', true],
    ['x.test:443', 'https://x.test', true],
    ['x.test:444', 'https://x.test', false],
    ['x.test:8443', 'wss://x.test:8443', true],
    ['127.0.0.1', 'http://127.0.0.1:4000', true],
    ['[::1]:4000', 'http://[::1]:4000', true],
    ['::1', 'http://[::1]:4000', true],
    ['', 'https://x.test', false],
  ])('NO_PROXY=%s and %s: excluded is %s', (NO_PROXY, url, isExcluded) => {
    expect(chosen(url, { ALL_PROXY: 'http://a:3', NO_PROXY }) === undefined).toBe(isExcluded);
    expect(chosen(url, { ALL_PROXY: 'http://a:3', no_proxy: NO_PROXY }) === undefined).toBe(
      isExcluded,
    );
  });

  it('takes user and password from the URL', () => {
    const env = { HTTPS_PROXY: 'http://me%40corp:p%3Aw@proxy:8080' };
    const proxy = chooseProxy({ isSecure: true, hostname: 'x.test', port: 443 }, env);
    expect(proxy?.authorization).toBe(`Basic ${btoa('me@corp:p:w')}`);
  });

  it.each([
    [
      'socks5://me:secret@proxy:1080',
      'names a proxy of a kind that ecsh does not speak (socks5:).',
    ],
    ['http://me:secret@pro xy', 'is not the URL of a proxy.'],
    ['http://me:secret%@proxy', 'has a "%" in its user or password that is not part of an escape.'],
  ])('is refused without showing its password: %s', (HTTPS_PROXY, message) => {
    expect(() => chosen('https://x.test', { HTTPS_PROXY })).toThrow(
      expect.objectContaining({
        code: 'proxy-invalid',
        message: `HTTPS_PROXY ${message}`,
      }),
    );
  });
});
