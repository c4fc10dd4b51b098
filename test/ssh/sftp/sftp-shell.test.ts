import { describe, expect, it } from 'vitest';
import { failureOf } from '#ssh/sftp/sftp-error.ts';
import { Status } from '#ssh/sftp/sftp-packets.ts';
import { pathWord } from '#ssh/sftp/sftp-shell.ts';

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

describe('what the tools complain of', () => {
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
