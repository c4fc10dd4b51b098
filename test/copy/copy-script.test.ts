import { describe, expect, it } from 'vitest';
import { get, parseReply, putFile, putTree, trailerOf } from '#copy/copy-script.ts';

const PUT = { path: '/x', name: 'y', id: '0f', preserves: false };

describe('the command of a copy', () => {
  it('contains path, name, mode and time, but no content', () => {
    const words = putFile({ ...PUT, mode: 0o4755, modifiedAt: 1_700_000_000.9 });
    expect(words.slice(3)).toEqual(['ecsh-cp', '/x', 'y', '755', '202311142213.20', '0f', '']);
  });

  it('leaves out an unknown mode and time', () => {
    const words = putFile({ ...PUT, mode: undefined, modifiedAt: undefined });
    expect(words.slice(3)).toEqual(['ecsh-cp', '/x', 'y', '=rw', '', '0f', '']);
  });

  it.each([
    ['/x///', '/x'],
    ['/', '/'],
  ])('names the directory %j as %j', (path, expected) => {
    expect(putTree({ ...PUT, path, isForeign: false })[4]).toBe(expected);
  });

  it('can give an existing file the permissions of the source', () => {
    expect(putFile({ ...PUT, mode: 0o600, modifiedAt: undefined, preserves: true }).at(-1)).toBe(
      'preserve',
    );
  });

  it.each([
    ['/a b/ü', '/a b/ü'],
    ['./caf\udce9 x', '\\./caf\\0351\\0040x'],
    ['\\0101', '\\\\01340101'],
  ])('writes the path %j so that the script receives its bytes', (path, word) => {
    expect(get({ path, isRecursive: false, asArchive: false })[4]).toBe(word);
  });

  it('is short, and contains no single quote, which would take four characters', () => {
    for (const words of [
      putFile({ ...PUT, mode: 0, modifiedAt: 0 }),
      putTree({ ...PUT, isForeign: true }),
      get({ path: '/x', isRecursive: true, asArchive: false }),
    ]) {
      expect(words[2]).not.toContain("'");
      expect(words[2]?.length).toBeLessThan(2_500);
    }
  });
});

describe('the reply of a script', () => {
  it.each<readonly [string, object | undefined]>([
    ['ready gzip', { kind: 'ready', isCompressed: true }],
    ['ready plain', { kind: 'ready', isCompressed: false }],
    ['tree gzip', { kind: 'tree', isCompressed: true }],
    [
      'file gzip 4644 1700000000 12',
      { kind: 'file', isCompressed: true, mode: 0o644, modifiedAt: 1_700_000_000, size: 12 },
    ],
    [
      'file plain ',
      {
        kind: 'file',
        isCompressed: false,
        mode: undefined,
        modifiedAt: undefined,
        size: undefined,
      },
    ],
    ['file plain 644 soon 12', { kind: 'odd', text: '644 soon 12' }],
    ['no tool tar', { kind: 'no', why: 'tool tar' }],
    ['something else', undefined],
  ])('%j', (line, expected) => {
    expect(parseReply(line)).toEqual(expected);
  });
});

it('the trailer of a file has 32 bytes for every checksum', () => {
  expect(trailerOf('4294967295 9007199254740991')).toBe('4294967295 9007199254740991    \n');
  expect(trailerOf('0 0')).toHaveLength(32);
});
