import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { rawOf } from '#copy/local/raw-path.ts';
import { isBrokenArchive, unpackTree } from '#copy/local/tar-unpack.ts';
import type { Bytes } from '#copy/local-copies.ts';
import { encodeTarEntry } from '#copy/tar-entry.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0] & { readonly content?: string };

let outside: string;
let root: string;
let skipped: string[];
let outsideLinks: string[];
let umask: number;

beforeEach(() => {
  outside = temporaryFolder('unpack');
  root = join(outside, 'root');
  mkdirSync(root);
  skipped = [];
  outsideLinks = [];
  umask = 0;
});

async function* archiveOf(entries: readonly Entry[]): Bytes {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header, content ?? '');
  archive.finalize();
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
}

function unpack(...entries: readonly Entry[]) {
  return unpackBytes(archiveOf(entries));
}

function unpackBytes(archive: Bytes) {
  const nothing = () => undefined;
  const onSkip = (text: string) => skipped.push(text);
  const onOutsideLink = (text: string) => outsideLinks.push(text);
  const listener = { onBytes: nothing, onFile: nothing, onSkip, onOutsideLink };
  return unpackTree({ root: rawOf(root), umask }, archive, listener);
}

async function whole(archive: Bytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inParts(content: Buffer, size: number): Bytes {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

// CVE-2018-1002100, CVE-2019-1002101, CVE-2019-11246, CVE-2019-11249, CVE-2019-11251 of kubectl cp.
describe('an archive that tries to write outside its directory', () => {
  it.each([
    ['with ..', '../evil'],
    ['with .. in the middle', 'a/../../evil'],
    ['with an absolute name', '/tmp/ecsh-evil'],
  ])('%s is rejected', async (_name, name) => {
    await expect(unpack({ name: 'good', content: 'x' }, { name, content: 'x' })).rejects.toThrow(
      expect.objectContaining({ code: 'archive-unsafe' }),
    );
    expect(readdirSync(outside)).toEqual(['root']);
  });

  it('with a hard link is rejected', async () => {
    await expect(unpack({ name: 'a', type: 'link', linkname: '/etc/passwd' })).rejects.toThrow(
      expect.objectContaining({ code: 'archive-unsafe' }),
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it.each([
    ['before its content', false],
    ['after its content', true],
  ])('with a link that replaces a directory, %s, stays inside', async (_name, isAfter) => {
    const link: Entry = { name: 'sub', type: 'symlink', linkname: outside };
    const file: Entry = { name: 'sub/evil', content: 'x' };
    await unpack(...(isAfter ? [file, link] : [link, file]));
    expect(readdirSync(outside)).toEqual(['root']);
    expect(readFileSync(join(root, 'sub/evil'), 'utf8')).toBe('x');
    expect(skipped).toEqual([expect.stringMatching(/^sub: file already exists/)]);
  });

  it('with a link to a link stays inside', async () => {
    await unpack(
      { name: 'up', type: 'symlink', linkname: '..' },
      { name: 'up/up', type: 'symlink', linkname: '..' },
      { name: 'up/up/evil', content: 'x' },
    );
    expect(readdirSync(outside)).toEqual(['root']);
  });

  it('with a link that replaces a file stays inside', async () => {
    await unpack(
      { name: 'a', type: 'symlink', linkname: join(outside, 'evil') },
      { name: 'a', content: 'x' },
    );
    expect(existsSync(join(outside, 'evil'))).toBe(false);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('x');
  });
});

describe('an archive that tries to exhaust the memory', () => {
  const unsafe = (problem: string) =>
    expect.objectContaining({
      code: 'archive-unsafe',
      message: expect.stringContaining(problem),
    });

  it('with a long header field is rejected', async () => {
    const pax = { comment: 'x'.repeat(100_000) };
    await expect(unpack({ name: 'a', content: 'x', pax })).rejects.toThrow(
      unsafe('a header of 100'),
    );
  });

  it('with many links is rejected', async () => {
    async function* links(): Bytes {
      const link = encodeTarEntry({
        type: 'symlink',
        name: 'n'.repeat(90),
        linkName: 't'.repeat(60_000),
        mode: 0o777,
        modifiedAt: 0,
        size: 0,
      });
      for (;;) yield link;
    }
    await expect(unpackBytes(links())).rejects.toThrow(unsafe('too many links and directories'));
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('an archive', () => {
  it('reports links that point outside', async () => {
    await unpack(
      { name: 'in', type: 'symlink', linkname: 'a' },
      { name: 'd/up', type: 'symlink', linkname: '../../x' },
      { name: 'etc', type: 'symlink', linkname: '/etc' },
    );
    expect(outsideLinks).toEqual(['d/up -> ../../x', 'etc -> /etc']);
  });

  it('applies the umask to files', async () => {
    umask = 0o077;
    await unpack({ name: 'a', mode: 0o666, content: 'x' });
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o600);
  });

  it('keeps links unchanged, wherever they point', async () => {
    await unpack({ name: 'etc', type: 'symlink', linkname: '/etc' });
    expect(readlinkSync(join(root, 'etc'))).toBe('/etc');
    expect(skipped).toEqual([]);
  });

  it('gives files their time, and their mode without setuid and setgid', async () => {
    const mtime = new Date('2001-02-03T04:05:06Z');
    await unpack({ name: './a', mode: 0o6751, mtime, content: 'x' });
    const stats = statSync(join(root, 'a'));
    expect(stats.mode & 0o7777).toBe(0o751);
    expect(stats.mtime).toEqual(mtime);
  });

  it('creates hard links to its own files', async () => {
    await unpack({ name: 'a', content: 'x' }, { name: 'b', type: 'link', linkname: 'a' });
    expect(statSync(join(root, 'b')).ino).toBe(statSync(join(root, 'a')).ino);
  });

  it('skips devices, and a second file of the same name', async () => {
    await unpack(
      { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
      { name: 'a', content: 'first' },
      { name: 'a', content: 'second' },
      { name: 'b', content: 'after it' },
    );
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('first');
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('after it');
    expect(skipped).toEqual([
      'null: neither a file nor a directory',
      expect.stringMatching(/^a: file already exists/),
    ]);
  });

  it('returns its directories, so that their attributes can be set at the end', async () => {
    const mtime = new Date('2001-02-03T04:05:06Z');
    const entry: Entry = { name: './', type: 'directory', mode: 0o555, mtime };
    expect(await unpack(entry, { ...entry, name: './a/' }, { name: './a/b' })).toEqual([
      { name: '', mode: 0o555, modifiedAt: mtime },
      { name: 'a', mode: 0o555, modifiedAt: mtime },
    ]);
  });

  it.each([
    ['in a file', 3_000],
    ['in a header', 1_300],
    ['after a file', 5_632],
    ['before the first header', 0],
  ])('that is truncated, %s, fails', async (_name, length) => {
    const archive = await whole(archiveOf([{ name: 'a', content: 'x'.repeat(5_120) }]));
    for (const size of [512, 10_000]) {
      const seen = await unpackBytes(inParts(archive.subarray(0, length), size)).catch(
        (error: unknown) => error,
      );
      expect(isBrokenArchive(seen)).toBe(true);
      rmSync(join(root, 'a'), { force: true });
    }
  });

  it.runIf(existsSync('/proc/self/fd'))('that is truncated leaves no file open', async () => {
    const archive = await whole(archiveOf([{ name: 'a', content: 'x'.repeat(5_120) }]));
    await unpackBytes(inParts(archive.subarray(0, 3_000), 512)).catch(() => undefined);
    const open = readdirSync('/proc/self/fd').map((fd) => {
      const path = `/proc/self/fd/${fd}`;
      return existsSync(path) ? readlinkSync(path) : '';
    });
    expect(open).not.toContain(realpathSync(join(root, 'a')));
  });

  it('that arrives faster than it can be written causes no Node.js warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const content = 'x'.repeat(4_000_000);
    await unpackBytes(inParts(await whole(archiveOf([{ name: 'a', content }])), 64 * 1024));
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe(content);
  });
});
