import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NamedFile } from '#ssh/sftp/sftp-packets.ts';
import { SftpPaths } from '#ssh/sftp/sftp-paths.ts';
import { SftpShell } from '#ssh/sftp/sftp-shell.ts';
import { localRunner } from '#test/helpers/local-runner.ts';
import { COMMON_SHELLS, type ShellName } from '#test/helpers/shells.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';

const MANY = 10_000;

/** Lists a directory of this machine in the given shell. */
async function filesIn(shell: ShellName, path: string): Promise<readonly NamedFile[]> {
  const { signal } = new AbortController();
  const paths = new SftpPaths(new SftpShell(localRunner(shell), undefined, signal));
  return (await paths.list(path)).next(MANY * 2);
}

function folder(): string {
  const path = temporaryFolder('listed');
  onTestFinished(() => removeFolder(path));
  return path;
}

describe.each(COMMON_SHELLS)('a directory, listed with %s', (shell) => {
  it('contains every name, including special characters of the shell', async () => {
    const path = folder();
    const names = [
      '-n',
      '--help',
      '.hidden',
      '..two',
      '...',
      '*',
      '?',
      '.[!.]*',
      'a b',
      'new\nline',
      '$HOME',
      '\\',
    ];
    for (const name of names) writeFileSync(join(path, name), name);
    mkdirSync(join(path, 'folder'));
    const listed = await filesIn(shell, path);
    expect(listed.map(({ name }) => name).sort()).toEqual(['.', '..', 'folder', ...names].sort());
    const sizes = new Map(listed.map(({ name, attributes }) => [name, attributes.size]));
    expect(names.map((name) => sizes.get(name))).toEqual(names.map(({ length }) => length));
  });

  it('can be empty', async () => {
    expect((await filesIn(shell, folder())).map(({ name }) => name)).toEqual(['.', '..']);
  });

  // A shell that checks each name takes a minute for them.
  it(`can have ${MANY} files`, { timeout: 30_000 }, async () => {
    const path = folder();
    for (let i = 0; i < MANY; i++) writeFileSync(join(path, `file ${i}`), '');
    expect(await filesIn(shell, path)).toHaveLength(MANY + 2);
  });
});
