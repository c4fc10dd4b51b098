import { expect, it } from 'vitest';
import { MAX_HANDLES, SftpHandles } from '#ssh/sftp/sftp-handles.ts';
import { SftpPaths } from '#ssh/sftp/sftp-paths.ts';
import { MAX_OUTPUT, SftpShell } from '#ssh/sftp/sftp-shell.ts';

/** The paths of a container in which every command prints this. */
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

it('unread names have a limit, which one directory can reach', async () => {
  const line = `${FILE}\n`;
  const count = Math.floor((MAX_OUTPUT - 1) / (line.length + 2));
  const { shell, paths } = pathsPrinting(`${line.repeat(count)}\n${'a\0'.repeat(count)}`);
  const handles = new SftpHandles(shell, paths);
  const directory = await handles.openDirectory('/srv');
  await expect(handles.openDirectory('/srv')).rejects.toThrow('Too many names');
  await handles.close(directory);
  expect(await handles.openDirectory('/srv')).toBe('1');
});

it('a directory read to its end makes room for another', async () => {
  const { shell, paths } = pathsPrinting(`${FILE}\n${FILE}\n\n${'a'.repeat(MAX_OUTPUT / 2)}\0b\0`);
  const handles = new SftpHandles(shell, paths);
  const directory = await handles.openDirectory('/srv');
  await expect(handles.openDirectory('/srv')).rejects.toThrow('Too many names');
  expect(handles.readDirectory(directory).map(({ name }) => name.at(-1))).toEqual(['a', 'b']);
  expect(await handles.openDirectory('/srv')).toBe('1');
});

it('a client has a limit of open directories', async () => {
  const { shell, paths } = pathsPrinting(`${FILE}\n\na\0`);
  const handles = new SftpHandles(shell, paths);
  for (let count = 0; count < MAX_HANDLES; count++) await handles.openDirectory('/srv');
  await expect(handles.openDirectory('/srv')).rejects.toThrow('Too many open files');
  await handles.close('0');
  expect(await handles.openDirectory('/srv')).toBe(String(MAX_HANDLES));
});
