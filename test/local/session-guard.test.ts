import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { WATCHER, WatchingShell } from '#local/session-guard.ts';
import { hasShell } from '#test/helpers/e2e.ts';
import { Program } from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const env = { PATH: process.env.PATH ?? '' };

/** bash treats a socket as stdin as a remote login and reads its start-up file, unless its name is sh. */
const AS_SH = { dash: ['dash'], bash: ['bash', '--norc'], busybox: ['busybox', 'sh'] };

for (const shell of SHELL_NAMES) {
  describe.skipIf(!hasShell[shell])(`the watcher in ${shell}`, () => {
    const words = [...AS_SH[shell], '-c', WATCHER, 'guard', 'echo', 'end'];

    it.each([
      ['nothing', '', ''],
      ['one open session', '+ a-1\n', 'end a-1\n'],
      ['one ended session', '+ a-1\n- a-1\n', ''],
      ['three sessions of which the first has ended', '+ a\n+ ab\n+ b\n- a\n', 'end ab b\n'],
      ['three sessions of which the middle one has ended', '+ a\n+ ab\n+ b\n- ab\n', 'end a b\n'],
      ['three sessions of which the last one has ended', '+ a\n+ ab\n+ b\n- b\n', 'end a ab\n'],
      ['three ended sessions', '+ a\n+ ab\n+ b\n- ab\n- a\n- b\n', ''],
      ['a line that was cut off', '+ a\n- ', 'end a\n'],
    ])('ends the remaining sessions after input with %s', async (_name, input, stdout) => {
      const watcher = new Program(words, { env, input });
      expect(await watcher.finished).toEqual({ status: 0, stdout, stderr: '' });
    });
  });
}

describe('a guard', () => {
  it('passes on a session that begins before the watcher has started', async () => {
    const PATH = temporaryFolder('own-sh');
    const told = join(PATH, 'told');
    // Plays the watcher: keeps the first line that it reads.
    writeFileSync(join(PATH, 'sh'), `#!/bin/sh\nread -r line; echo "$line" >'${told}'\n`);
    chmodSync(join(PATH, 'sh'), 0o755);
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    guard.watch('early', () => undefined);
    expect(guard.unwatched).toEqual(['early']);
    await vi.waitFor(() => expect(readFileSync(told, 'utf8')).toBe('+ early\n'));
  });

  it('lists the sessions that remain open if there is no sh', async () => {
    const PATH = temporaryFolder('no-sh');
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    const forget = guard.watch('ended', () => undefined);
    await new Promise((resolve) => guard.watch('open', resolve));
    forget();
    expect(guard.unwatched).toEqual(['open']);
  });

  it('reports for each session why there is no watcher, after it was prepared', async () => {
    const PATH = temporaryFolder('no-sh');
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    guard.prepare();
    const reasons = ['a', 'b'].map((id) => new Promise((resolve) => guard.watch(id, resolve)));
    const [first, second] = await Promise.all(reasons);
    expect(first).toBe('spawn sh ENOENT');
    expect(second).toBe(first);
  });

  it('reports why there is no watcher if there is no sh', async () => {
    const PATH = temporaryFolder('no-sh');
    const guard = new WatchingShell({ endSessions: ['true'], env: { PATH } });
    const reason = await new Promise((resolve) => guard.watch('a', resolve));
    expect(reason).toBe('spawn sh ENOENT');
  });
});
