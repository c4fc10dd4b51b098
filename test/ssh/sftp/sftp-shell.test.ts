import { describe, expect, it } from 'vitest';
import type { CommandRunner } from '#ssh/command-channel.ts';
import { failureOf } from '#ssh/sftp/sftp-error.ts';
import { Status } from '#ssh/sftp/sftp-packets.ts';
import { pathWord, SftpShell } from '#ssh/sftp/sftp-shell.ts';

describe('a path as a word', () => {
  it.each([
    ['/srv/a b', '/srv/a b'],
    ['', '.'],
    ['a\\b', 'a\\0134b'],
    ['new\nline', 'new\\0012line'],
    ['\xff', '\\0377'],
  ])('%j is %j', (path, word) => {
    expect(pathWord(path)).toBe(word);
  });
});

describe('errors of the tools', () => {
  it.each([
    ["stat: cannot statx 'x': No such file or directory\n", Status.noSuchFile],
    ["sh: 3: cd: can't cd to x\n", Status.noSuchFile],
    ["mkdir: cannot create directory 'x': Permission denied", Status.permissionDenied],
    ["rmdir: failed to remove 'x': Directory not empty", Status.failure],
    ['', Status.failure],
  ])('%j is status %d', (complaint, status) => {
    expect(failureOf(complaint).status).toBe(status);
  });
});

it('output in many chunks is complete, without keeping the chunks in memory', async () => {
  const chunk = Buffer.alloc(1_000);
  const runner: CommandRunner = {
    start: (_argv, { stdout }) => {
      for (let count = 1; count <= 100; count++) stdout.write(chunk.fill(count));
      const ended = { status: 0, exitCode: 0, wasStopped: false, sessionId: 's' };
      return {
        ended: Promise.resolve({ ...ended, failure: undefined }),
        signal: () => undefined,
        stop: () => undefined,
      };
    },
  };
  const shell = new SftpShell(runner, undefined, new AbortController().signal);
  const output = await shell.output(':');
  const counts = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(output).toEqual(Buffer.concat(counts.map((count) => Buffer.alloc(1_000, count))));
});
