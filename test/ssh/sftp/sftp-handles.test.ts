import { describe, expect, it } from 'vitest';
import { MOST_HANDLES, MOST_NAMES, SftpHandles } from '#ssh/sftp/sftp-handles.ts';
import { SftpPaths } from '#ssh/sftp/sftp-paths.ts';
import { SftpShell } from '#ssh/sftp/sftp-shell.ts';

/** Paths in a container whose commands all print this. */
function pathsPrinting(output: string) {
  const shell = new SftpShell(
    {
      start: (_argv, { stdout }) => ({
        ended: new Promise((resolve) => {
          stdout.write(output, () =>
            resolve({
              status: 0,
              exitCode: 0,
              wasStopped: false,
              sessionId: 's',
              failure: undefined,
            }),
          );
        }),
        signal: () => undefined,
        stop: () => undefined,
      }),
    },
    undefined,
    new AbortController().signal,
  );
  return { shell, paths: new SftpPaths(shell) };
}

const FILE = '81a4 5 0 0 1700000000 1700000000';

describe('a directory', () => {
  it('may have a file whose time is beyond all calendars', async () => {
    const { paths } = pathsPrinting(`${FILE}\n81a4 1 0 0 1 99999999999999\n\na\0b\0`);
    const files = await paths.list('/srv');
    expect(files.map(({ longName }) => longName)).toEqual([
      '-rw-r--r--    1 0        0               5 2023-11-14 22:13 a',
      '-rw-r--r--    1 0        0               1 ?                b',
    ]);
  });

  it.each([
    ['at once', `${FILE}\n${FILE}\n${FILE}\n\na\0../../.bashrc\0/etc/passwd\0`],
    ['one by one', `\n${FILE} a\0${FILE} ../../.bashrc\0${FILE} /etc/passwd\0`],
  ])('has no names that lead out of it, listed %s', async (_how, output) => {
    const files = await pathsPrinting(output).paths.list('/srv');
    expect(files.map(({ name }) => name)).toEqual(['a']);
  });
});

it('names that a client does not read have a limit, which one directory may pass', async () => {
  const count = MOST_NAMES + 1;
  const { shell, paths } = pathsPrinting(`${`${FILE}\n`.repeat(count)}\n${'a\0'.repeat(count)}`);
  const handles = new SftpHandles(shell, paths);
  const directory = await handles.openDirectory('/srv');
  await expect(handles.openDirectory('/srv')).rejects.toThrow('Too many names');
  await handles.close(directory);
  expect(await handles.openDirectory('/srv')).toBe('1');
});

it('a client has a limit of open directories', async () => {
  const { shell, paths } = pathsPrinting(`${FILE}\n\na\0`);
  const handles = new SftpHandles(shell, paths);
  for (let count = 0; count < MOST_HANDLES; count++) await handles.openDirectory('/srv');
  await expect(handles.openDirectory('/srv')).rejects.toThrow('Too many open files');
  await handles.close('0');
  expect(await handles.openDirectory('/srv')).toBe(String(MOST_HANDLES));
});
