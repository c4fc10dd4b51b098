import { expect, it } from 'vitest';
import { reasonIn } from '#copy/refusal.ts';

it.each<readonly [string, readonly string[], string]>([
  ['dash', ['ecsh-cp: 1: cannot create /ro/x: Read-only file system'], 'Read-only file system'],
  ['bash', ['ecsh-cp: line 1: /ro/x: Permission denied'], 'Permission denied'],
  ['gzip', ['gzip: stdout: No space left on device'], 'No space left on device'],
  [
    'the first of several',
    [
      'mkdir: cannot create directory ‘/ro/x’: Read-only file system',
      'mkdir: /ro/x/y: No such file',
    ],
    'Read-only file system',
  ],
  ['no program', [], ''],
])('the reason from %s is the error text of the system', (_name, complaints, reason) => {
  expect(reasonIn(complaints)).toBe(reason);
});
