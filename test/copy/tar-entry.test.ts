import { extract } from 'tar-stream';
import { expect, it } from 'vitest';
import { END_OF_ARCHIVE, encodeTarEntry, type TarEntry, tarPadding } from '#copy/tar-entry.ts';

/** Returns the header that tar-stream reads from an entry without content. */
async function decoded(entry: TarEntry) {
  const archive = extract();
  archive.end(Buffer.concat([encodeTarEntry(entry), END_OF_ARCHIVE]));
  for await (const { header } of archive) return header;
  throw new Error('there is no entry');
}

const ENTRY: TarEntry = {
  type: 'directory',
  name: 'a/',
  mode: 0o755,
  modifiedAt: 1_700_000_000,
  size: 0,
};

it('stores name, kind, mode and time, but nothing about local users', async () => {
  expect(await decoded(ENTRY)).toMatchObject({
    name: 'a/',
    type: 'directory',
    mode: 0o755,
    mtime: new Date(1_700_000_000_000),
    uid: 0,
    gid: 0,
    uname: 'root',
    gname: 'root',
  });
});

it.each([100, 101, 255, 511, 512, 4096])('stores names and links of %i bytes', async (length) => {
  const [name, linkName] = ['n'.repeat(length), 'l'.repeat(length)];
  expect(await decoded({ ...ENTRY, type: 'symlink', name, linkName })).toMatchObject({
    type: 'symlink',
    name,
    linkname: linkName,
  });
});

it('stores sizes too large for octal digits', () => {
  const size = 8 ** 11;
  const field = (entry: TarEntry) => Buffer.from(encodeTarEntry(entry)).subarray(124, 136);
  expect(field({ ...ENTRY, type: 'file', size: size - 1 }).toString()).toBe('77777777777\0');
  expect(field({ ...ENTRY, type: 'file', size }).toString('hex')).toBe('800000000000000200000000');
});

it.each([
  [0, 0],
  [1, 511],
  [512, 0],
  [513, 511],
])('pads %i bytes with %i', (size, padding) => {
  expect(tarPadding(size)).toHaveLength(padding);
});
