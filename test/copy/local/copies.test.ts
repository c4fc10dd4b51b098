import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createCopies } from '#copy/local/copies.ts';
import type { Bytes, CopyListener } from '#copy/local-copies.ts';
import { END_OF_ARCHIVE, encodeTarEntry } from '#copy/tar-entry.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';
import { listTree } from '#test/helpers/tree.ts';

const PLAIN = { mode: 0o644, modifiedAt: undefined };
const skipped: string[] = [];
const listener: CopyListener = {
  onBytes: () => undefined,
  onFile: () => undefined,
  onSkip: (text) => skipped.push(text),
  onOutsideLink: (text) => skipped.push(`link ${text}`),
};
const PROCESS = { umask: 0o022, pid: 100, isRunning: (pid: number) => pid === 200 };
const copies = createCopies(PROCESS);

let folder: string;

beforeEach(() => {
  folder = temporaryFolder('copies');
  skipped.length = 0;
});

function open(path: string, name: string, isRecursive: boolean) {
  return copies.openDestination({ path, name, isRecursive, preserves: false });
}

async function* bytes(...parts: readonly (string | Uint8Array)[]): Bytes {
  for (const part of parts) yield Buffer.from(part);
}

async function textOf(content: Bytes): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Creates a FIFO, and a descriptor that reads and writes it. */
function makeFifo() {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(descriptor));
  return { path, descriptor };
}

describe('an upload from this machine', () => {
  it('reads a pipe that the shell has opened, as for <(…)', async () => {
    const { descriptor } = makeFifo();
    writeSync(descriptor, 'content');
    const source = await copies.openSource(`/dev/fd/${descriptor}`, false);
    if (source.kind !== 'file') throw new Error('not a file');
    const { value } = await source.read()[Symbol.asyncIterator]().next();
    expect(String(value)).toBe('content');
    expect(source).toMatchObject({ mode: undefined, modifiedAt: undefined, size: undefined });
  });

  it.each(['FIFO', '/dev/null'])('is rejected if the source is not a file: %s', async (name) => {
    const path = name === 'FIFO' ? makeFifo().path : name;
    await expect(copies.openSource(path, false)).rejects.toMatchObject({
      code: 'source-not-file',
      hint: `Copy from stdin instead:  ecsh cp - TARGET:PATH < ${path}`,
    });
  });
});

describe('a download to this machine', () => {
  it('appears only when it is complete', async () => {
    const destination = await open(join(folder, 'x'), 'y', false);
    const staged = await destination.writeFile(bytes('a', 'b'), PLAIN);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.ecsh-/)]);
    await staged.commit();
    expect(readdirSync(folder)).toEqual(['x']);
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('ab');
  });

  it('leaves nothing behind if it is discarded', async () => {
    const destination = await open(folder, 'y', false);
    const staged = await destination.writeFile(bytes('a'), PLAIN);
    await staged.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing behind if its data is damaged', async () => {
    const destination = await open(folder, 'y', true);
    const cut = () => copies.decompress(bytes(gzipSync('content').subarray(0, 12)));
    const damaged = expect.objectContaining({ code: 'copy-damaged' });
    await expect(destination.writeFile(cut(), PLAIN)).rejects.toThrow(damaged);
    await expect(destination.writeTree(cut(), listener)).rejects.toThrow(damaged);
    await expect(destination.writeTree(bytes('x'.repeat(600)), listener)).rejects.toThrow(damaged);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a directory does not follow a link that replaces a directory', async () => {
    const outside = temporaryFolder('outside');
    mkdirSync(join(outside, 'sub'), { mode: 0o755 });
    chmodSync(outside, 0o755);
    symlinkSync(outside, join(folder, 'link'));
    const before = [outside, join(outside, 'sub')].map((path) => statSync(path));
    const heads = ['link/', 'link/sub/', 'new/'].map((name) =>
      encodeTarEntry({ type: 'directory', name, mode: 0o777, modifiedAt: 5, size: 0 }),
    );
    const destination = await open(folder, '', true);
    const staged = await destination.writeTree(bytes(...heads, END_OF_ARCHIVE), listener);
    await staged.commit();
    const after = [outside, join(outside, 'sub')].map((path) => statSync(path));
    expect(after.map(({ mode, mtime }) => [mode, mtime])).toEqual(
      before.map(({ mode, mtime }) => [mode, mtime]),
    );
    expect(statSync(join(folder, 'new')).mtimeMs).toBe(5_000);
    expect(skipped).toEqual(['link: the existing entry is not a directory']);
    expect(readdirSync(folder).sort()).toEqual(['link', 'new']);
  });

  it('of a file is rejected if the path ends in a slash', async () => {
    const destination = await open(join(folder, 'new/'), 'y', true);
    await expect(destination.writeFile(bytes('a'), PLAIN)).rejects.toThrow(
      expect.objectContaining({ code: 'destination-missing' }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('reports the destination of several sources as typed', async () => {
    await expect(open(`${folder}/new/.`, 'y', false)).rejects.toThrow(
      `The directory for ${join(folder, 'new')} does not exist.`,
    );
  });

  it('writes to a FIFO', async () => {
    const fifo = makeFifo();
    const destination = await open(fifo.path, 'y', false);
    await (await destination.writeFile(bytes('a', 'b'), PLAIN)).commit();
    expect(readSync(fifo.descriptor, Buffer.alloc(10))).toBe(2);
  });

  it('writes to a device', async () => {
    const destination = await open('/dev/null', 'y', false);
    await (await destination.writeFile(bytes('a'), PLAIN)).commit();
    expect(readFileSync('/dev/null', 'utf8')).toBe('');
  });

  it.each([
    ['missing/x', false, 'destination-missing'],
    ['missing/', false, 'destination-missing'],
    ['file/', true, 'destination-not-directory'],
    ['file/x', false, 'destination-missing'],
  ])('to %s is rejected', async (path, isRecursive, code) => {
    writeFileSync(join(folder, 'file'), '');
    await expect(open(join(folder, path), 'y', isRecursive)).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('a local directory', () => {
  it('is unchanged after packing and unpacking', async () => {
    const source = join(folder, 'source');
    mkdirSync(join(source, 'sub', 'empty'), { recursive: true });
    writeFileSync(join(source, 'sub', 'ü'.repeat(80)), 'text');
    symlinkSync('nowhere', join(source, 'sub', 'link'));
    // A tar archive stores whole seconds.
    const time = new Date('2001-02-03T04:05:06Z');
    for (const name of [`sub/${'ü'.repeat(80)}`, 'sub/empty', 'sub', '']) {
      utimesSync(join(source, name), time, time);
    }
    const tree = await copies.openSource(source, true);
    if (tree.kind !== 'tree') throw new Error('a directory is a tree');
    const destination = await open(join(folder, 'out'), '', true);
    await (await destination.writeTree(tree.read(listener), listener)).commit();
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['end', 'tree']);
    expect(listTree(join(folder, 'out', 'tree'))).toEqual(listTree(source));
    expect(skipped).toEqual([]);
  });

  it('is rejected without -r, and so is a missing one', async () => {
    await expect(copies.openSource(folder, false)).rejects.toThrow(
      expect.objectContaining({ code: 'source-is-directory' }),
    );
    await expect(copies.openSource(join(folder, 'none'), true)).rejects.toThrow(
      expect.objectContaining({ code: 'source-missing' }),
    );
  });
});

it('compressed data decompresses to the same, and errors of its source are passed on', async () => {
  expect(await textOf(copies.decompress(copies.compress(bytes('a', 'b'))))).toBe('ab');
  async function* broken(): Bytes {
    yield Buffer.from('a');
    throw new Error('the disk is gone');
  }
  await expect(textOf(copies.compress(broken()))).rejects.toThrow('the disk is gone');
});
