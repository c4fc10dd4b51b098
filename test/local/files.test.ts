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

test('a file comes back as it was written, in a folder that is made for it', async () => {
  const path = join(folder, 'a', 'b', 'config.json');
  await files.write(path, '{}\n');
  expect(await files.read(path)).toBe('{}\n');
});

test('a file is for the user alone, and its draft is gone', async () => {
  const path = join(folder, 'state', 'last');
  await files.write(path, 'prod/web');
  await files.write(path, 'prod/api');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'state'))).toEqual(['last']);
});

test('a link to a file stays one', async () => {
  const file = join(folder, 'dotfiles.json');
  const link = join(folder, 'config.json');
  writeFileSync(file, '{}');
  symlinkSync(file, link);
  await files.write(link, '{"wait": "30s"}');
  expect(await files.read(file)).toBe('{"wait": "30s"}');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a file that is not there reads as undefined, also below a file', async () => {
  writeFileSync(join(folder, 'plain'), '');
  expect(await files.read(join(folder, 'missing'))).toBeUndefined();
  expect(await files.read(join(folder, 'plain', 'config.json'))).toBeUndefined();
});

test('a path that cannot be written is an error that names it', async () => {
  writeFileSync(join(folder, 'plain'), '');
  const path = join(folder, 'plain', 'config.json');
  await expect(files.write(path, '')).rejects.toMatchObject({ code: 'file-unwritable' });
});

test.runIf(process.platform === 'linux')('so is one below a folder that takes none', async () => {
  await expect(files.write('/proc/none/ecsh/last.json', '')).rejects.toMatchObject({
    code: 'file-unwritable',
  });
});

test('a file that the user named has to be there', async () => {
  const path = join(folder, 'missing.env');
  await expect(readNamedFile(path)).rejects.toMatchObject({
    code: 'file-unreadable',
    message: `Cannot read ${path}.`,
  });
});

test('a log that was there for everyone is for the user alone, and a device stays as it is', async () => {
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
