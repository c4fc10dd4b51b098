import { describe, expect, it } from 'vitest';
import { toolSupport } from '#ssh/tools/ssh-tools.ts';

const DEBIAN = [
  ...['stty', 'dd', 'base64', 'od', 'cat', 'mv', 'rm', 'chmod', 'readlink', 'scp', 'rsync', 'git'],
  ...['bash', 'tar', 'curl', '/proc', 'stat -c', 'python3 (3.8 or newer)', 'dialer perl'],
  'glibc 2.41',
];

const rows = (lines: readonly string[]) =>
  toolSupport(lines.join('\r\n')).map(({ tool, works, missing, note }) => [
    tool,
    works,
    missing.join(', '),
    note,
  ]);

describe('toolSupport', () => {
  it('reports that everything works with a full image', () => {
    expect(rows(DEBIAN)).toEqual([
      ['ssh HOST COMMAND', true, '', null],
      ['ssh HOST', true, '', 'the terminal has its own session'],
      ['scp, sftp', true, '', null],
      ['scp -O', true, '', null],
      ['rsync', true, '', null],
      ['git', true, '', null],
      ['-L, -D, -W', true, '', 'through perl'],
      ['Ansible', true, '', null],
      ['VS Code Remote', true, '', null],
    ]);
  });

  it('names missing tools, and what works without them', () => {
    expect(rows(['dd', 'od', 'cat', 'mv', 'rm', '/proc', 'tar', 'wget', 'glibc 2.27'])).toEqual([
      ['ssh HOST COMMAND', true, 'stty', 'slower: each command opens a session of its own'],
      ['ssh HOST', true, '', 'the terminal has its own session'],
      ['scp, sftp', false, 'stat -c, chmod, readlink', null],
      ['scp -O', false, 'scp', null],
      ['rsync', false, 'rsync', null],
      ['git', false, 'git', null],
      [
        '-L, -D, -W',
        true,
        'a program that connects to ports',
        'needs permission for ssm:StartSession',
      ],
      ['Ansible', false, 'python3 (3.8 or newer)', null],
      ['VS Code Remote', false, 'bash, glibc 2.28 or newer', null],
    ]);
  });
});
