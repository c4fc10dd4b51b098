import { describe, expect, it } from 'vitest';
import { knownHostsText, sshConfigText, withInclude, withoutInclude } from '#ssh/ssh-config.ts';

const INCLUDE = '/home/me/.config/ecsh/ssh/*.conf';

describe('the configuration of ssh', () => {
  it('switches off no check and asks nothing', () => {
    const text = sshConfigText({
      suffix: '.ecs',
      proxyCommand: 'ecsh ssh-proxy --suffix .ecs %n',
      knownHosts: '/home/me/my files/known_hosts',
      folder: '/home/me/.config/ecsh/ssh',
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
  IgnoreUnknown WarnWeakCrypto
  WarnWeakCrypto no
`);
  });

  it('files the host key under one name', () => {
    expect(knownHostsText('ssh-ed25519 AAAA\n')).toBe('ecsh ssh-ed25519 AAAA\n');
  });

  it.each([
    ['', `Include ${INCLUDE}\n`],
    ['Host a\n  User b\n', `Include ${INCLUDE}\n\nHost a\n  User b\n`],
  ])('is included first in %j, once, and taken out again', (before, after) => {
    expect(withInclude(before, INCLUDE)).toBe(after);
    expect(withInclude(after, INCLUDE)).toBe(after);
    expect(withoutInclude(after, INCLUDE)).toBe(before);
    expect(withoutInclude(before, INCLUDE)).toBe(before);
  });
});
