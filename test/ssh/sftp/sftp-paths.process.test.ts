import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SharedResult } from '#shared/shared-options.ts';
import type { CommandRunner } from '#ssh/command-channel.ts';
import { SftpPaths } from '#ssh/sftp/sftp-paths.ts';
import { SftpShell } from '#ssh/sftp/sftp-shell.ts';
import { COMMON_SHELLS, imageEnvironment, SHELLS, type ShellName } from '#test/helpers/shells.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';

const MANY = 10_000;

/** Runs the scripts on this machine, in a shell of that name. */
function pathsIn(shell: ShellName): SftpPaths {
  const env = imageEnvironment(shell, []);
  const runner: CommandRunner = {
    start([, ...words], { stdout, stderr }) {
      const [program, ...flags] = SHELLS[shell];
      const child = spawn(program, [...flags, ...words], { env });
      child.stdout.on('data', (chunk) => stdout.write(chunk));
      child.stderr.on('data', (chunk) => stderr.write(chunk));
      const ended = new Promise<SharedResult>((resolve) => {
        child.on('close', (code) => {
          const status = code ?? 255;
          resolve({
            ...{ status, exitCode: status, wasStopped: false, sessionId: undefined },
            failure: undefined,
          });
        });
      });
      return { ended, signal: () => undefined, stop: () => undefined };
    },
  };
  return new SftpPaths(new SftpShell(runner, undefined, new AbortController().signal));
}

function folder(): string {
  const path = temporaryFolder('listed');
  onTestFinished(() => removeFolder(path));
  return path;
}

describe.each(COMMON_SHELLS)('a directory, listed with %s', (shell) => {
  it('has every name, whatever the shell makes of it', async () => {
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
    const listed = await pathsIn(shell).list(path);
    expect(listed.map(({ name }) => name).sort()).toEqual(['.', '..', 'folder', ...names].sort());
    const sizes = new Map(listed.map(({ name, attributes }) => [name, attributes.size]));
    expect(names.map((name) => sizes.get(name))).toEqual(names.map(({ length }) => length));
  });

  it('may be empty', async () => {
    expect((await pathsIn(shell).list(folder())).map(({ name }) => name)).toEqual(['.', '..']);
  });

  // A shell that looks at each name takes a minute for them.
  it(`may have ${MANY} files`, { timeout: 30_000 }, async () => {
    const path = folder();
    for (let i = 0; i < MANY; i++) writeFileSync(join(path, `file ${i}`), '');
    expect(await pathsIn(shell).list(path)).toHaveLength(MANY + 2);
  });
});
