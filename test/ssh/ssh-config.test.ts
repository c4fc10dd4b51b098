import { describe, expect, it } from 'vitest';
import {
  controlPathIn,
  knownHostsText,
  sshConfigText,
  withBlock,
  withInclude,
  withoutBlock,
  withoutInclude,
} from '#ssh/ssh-config.ts';

const INCLUDE = '/home/me/.config/ecsh/ssh/hosts.conf';

const block = (suffix: string, proxyCommand = 'ecsh') =>
  sshConfigText({
    suffix,
    proxyCommand,
    knownHosts: '/k',
    controlPath: undefined,
    knowsWeakCrypto: false,
  });

describe('the configuration of ssh', () => {
  it('disables no check and asks nothing', () => {
    const text = sshConfigText({
      suffix: '.ecs',
      proxyCommand: 'ecsh ssh-proxy --suffix .ecs %n',
      knownHosts: '/home/me/my files/known_hosts',
      controlPath: '/home/me/.config/ecsh/ssh/%C',
      knowsWeakCrypto: true,
    });
    expect(text).toBe(`# Containers of Amazon ECS, written by: ecsh ssh-config
Host *.ecs
  User root
  ProxyCommand ecsh ssh-proxy --suffix .ecs %n
  HostKeyAlias ecsh
  UserKnownHostsFile "/home/me/my files/known_hosts"
  StrictHostKeyChecking yes
  HostKeyAlgorithms ssh-ed25519
  PreferredAuthentications none
  ControlMaster auto
  ControlPath /home/me/.config/ecsh/ssh/%C
  ControlPersist 10m
  WarnWeakCrypto no
`);
  });

  it('has only options that this ssh supports', () => {
    expect(block('.ecs')).not.toContain('Weak');
    expect(block('.ecs')).not.toContain('IgnoreUnknown');
  });

  it('lists the longest suffix first, because ssh uses the first value', () => {
    const one = withBlock('', '.ecs', block('.ecs'));
    const two = withBlock(one, '.staging.ecs', block('.staging.ecs'));
    expect(two).toBe(`${block('.staging.ecs')}\n${block('.ecs')}`);
    expect(withBlock(two, '.ecs', block('.ecs', 'new'))).toBe(
      `${block('.staging.ecs')}\n${block('.ecs', 'new')}`,
    );
  });

  it('keeps the blocks of other suffixes if one is removed', () => {
    const two = withBlock(block('.ecs'), '.staging', block('.staging'));
    expect(withoutBlock(two, '.staging')).toBe(block('.ecs'));
    expect(withoutBlock(block('.ecs'), '.ecs')).toBe('');
  });

  it.each([
    ['linux', '/home/me/.config/ecsh/ssh', '/home/me/.config/ecsh/ssh/%C'],
    ['darwin', `/Users/${'x'.repeat(30)}/.config/ecsh/ssh`, '/Users/me/.ssh/%C'],
    ['win32', 'C:/Users/me/ecsh/ssh', undefined],
  ])('puts sockets on %s in a folder with a short enough path', (platform, folder, expected) => {
    expect(controlPathIn([folder, '/Users/me/.ssh'], platform)).toBe(expected);
  });

  it('lets each ssh open its own connection if every path is too long', () => {
    expect(controlPathIn(['/'.padEnd(46, 'x')], 'linux')).toBeUndefined();
  });

  it('uses one host key name for all hosts', () => {
    expect(knownHostsText('ssh-ed25519 AAAA\n')).toBe('ecsh ssh-ed25519 AAAA\n');
  });

  it.each([
    ['', `Include ${INCLUDE}\n`],
    ['Host a\n  User b\n', `Include ${INCLUDE}\n\nHost a\n  User b\n`],
  ])('is included once, at the top of %j, and removed again', (before, after) => {
    expect(withInclude(before, INCLUDE)).toBe(after);
    expect(withInclude(after, INCLUDE)).toBe(after);
    expect(withoutInclude(after, INCLUDE)).toBe(before);
    expect(withoutInclude(before, INCLUDE)).toBe(before);
  });
});
