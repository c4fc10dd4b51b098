import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { WATCHER, WatchingShell } from '#local/session-guard.ts';
import { hasShell } from '#test/helpers/e2e.ts';
import { Program } from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const env = { PATH: process.env.PATH ?? '' };

/** Not called sh, bash takes a socket as stdin for a remote login and reads its start-up file. */
const AS_SH = { dash: ['dash'], bash: ['bash', '--norc'], busybox: ['busybox', 'sh'] };

for (const shell of SHELL_NAMES) {
  describe.skipIf(!hasShell[shell])(`the watcher in ${shell}`, () => {
    const words = [...AS_SH[shell], '-c', WATCHER, 'guard', 'echo', 'end'];

    it.each([
      ['nothing', '', ''],
      ['one open session', '+ a-1\n', 'end a-1\n'],
      ['one that has ended', '+ a-1\n- a-1\n', ''],
      ['the first of three that has ended', '+ a\n+ ab\n+ b\n- a\n', 'end ab b\n'],
      ['the middle one of three', '+ a\n+ ab\n+ b\n- ab\n', 'end a b\n'],
      ['the last one of three', '+ a\n+ ab\n+ b\n- b\n', 'end a ab\n'],
      ['all three', '+ a\n+ ab\n+ b\n- ab\n- a\n- b\n', ''],
      ['a word that was cut off', '+ a\n- ', 'end a\n'],
    ])('ends what is still open after it was told of %s', async (_name, input, stdout) => {
      const watcher = new Program(words, { env, input });
      expect(await watcher.finished).toEqual({ status: 0, stdout, stderr: '' });
    });
  });
}

describe('a guard', () => {
  it('hands on a session that begins before the watcher is up', async () => {
    const PATH = temporaryFolder('own-sh');
    const told = join(PATH, 'told');
    // In place of the watcher: keeps the first line that it reads.
    writeFileSync(join(PATH, 'sh'), `#!/bin/sh\nread -r line; echo "$line" >'${told}'\n`);
    chmodSync(join(PATH, 'sh'), 0o755);
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    guard.watch('early', () => undefined);
    expect(guard.unwatched).toEqual(['early']);
    await vi.waitFor(() => expect(readFileSync(told, 'utf8')).toBe('+ early\n'));
  });

  it('knows which sessions stay open when there is no sh', async () => {
    const PATH = temporaryFolder('no-sh');
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    const forget = guard.watch('ended', () => undefined);
    await new Promise((resolve) => guard.watch('open', resolve));
    forget();
    expect(guard.unwatched).toEqual(['open']);
  });

  it('that was prepared still says why nothing watches, of every session', async () => {
    const PATH = temporaryFolder('no-sh');
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    guard.prepare();
    const reasons = ['a', 'b'].map((id) => new Promise((resolve) => guard.watch(id, resolve)));
    const [first, second] = await Promise.all(reasons);
    expect(first).toBe('spawn sh ENOENT');
    expect(second).toBe(first);
  });

  it('says why nothing watches where there is no sh', async () => {
    const PATH = temporaryFolder('no-sh');
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    const reason = await new Promise((resolve) => guard.watch('a', resolve));
    expect(reason).toBe('spawn sh ENOENT');
  });
});
