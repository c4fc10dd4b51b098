import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appendTo, files, readNamedFile } from '#local/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecsh-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is read back unchanged, and its folder is created', async () => {
  const path = join(folder, 'a', 'b', 'config.json');
  await files.write(path, '{}\n');
  expect(await files.read(path)).toBe('{}\n');
});

test('only the user can read a file, and no draft remains', async () => {
  const path = join(folder, 'state', 'last');
  await files.write(path, 'prod/web');
  await files.write(path, 'prod/api');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'state'))).toEqual(['last']);
});

test('a link to a file remains a link', async () => {
  const file = join(folder, 'dotfiles.json');
  const link = join(folder, 'config.json');
  writeFileSync(file, '{}');
  symlinkSync(file, link);
  await files.write(link, '{"wait": "30s"}');
  expect(await files.read(file)).toBe('{"wait": "30s"}');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a missing file is undefined, even below a file', async () => {
  writeFileSync(join(folder, 'plain'), '');
  expect(await files.read(join(folder, 'missing'))).toBeUndefined();
  expect(await files.read(join(folder, 'plain', 'config.json'))).toBeUndefined();
});

test('a path that is not writable is an error with the path', async () => {
  writeFileSync(join(folder, 'plain'), '');
  const path = join(folder, 'plain', 'config.json');
  await expect(files.write(path, '')).rejects.toMatchObject({ code: 'file-unwritable' });
});

test.runIf(process.platform === 'linux')(
  'a path below a folder that is not writable is an error with the path',
  async () => {
    await expect(files.write('/proc/none/ecsh/last.json', '')).rejects.toMatchObject({
      code: 'file-unwritable',
    });
  },
);

test('a file that the user named must exist', async () => {
  const path = join(folder, 'missing.env');
  await expect(readNamedFile(path)).rejects.toMatchObject({
    code: 'file-unreadable',
    message: `Cannot read ${path}.`,
  });
});

test('an existing log becomes readable only by the user, and a device keeps its mode', async () => {
  const path = join(folder, 'debug.log');
  writeFileSync(path, 'before\n');
  chmodSync(path, 0o666);
  const log = await appendTo(path);
  await new Promise<void>((resolve) => log.end('after\n', () => resolve()));
  await vi.waitFor(() => expect(statSync(path).mode & 0o777).toBe(0o600));
  const { mode } = statSync('/dev/null');
  const nowhere = await appendTo('/dev/null');
  await new Promise<void>((resolve) => nowhere.end('x', () => resolve()));
  expect(statSync('/dev/null').mode).toBe(mode);
});
