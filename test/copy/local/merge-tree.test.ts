import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { mergeTree } from '#copy/local/merge-tree.ts';
import { rawOf } from '#copy/local/raw-path.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

let from: string;
let to: string;
let skipped: string[];

beforeEach(() => {
  from = temporaryFolder('from');
  to = temporaryFolder('to');
  skipped = [];
});

function merge() {
  const onSkip = (text: string) => skipped.push(text);
  return mergeTree({ from: rawOf(from), to: rawOf(to), onSkip });
}

it('moves new entries, replaces files, and keeps other entries; existing directories stay behind', async () => {
  mkdirSync(join(from, 'new', 'deep'), { recursive: true });
  mkdirSync(join(from, 'both'));
  writeFileSync(join(from, 'both', 'file'), 'new');
  mkdirSync(join(to, 'both'));
  writeFileSync(join(to, 'both', 'file'), 'old');
  writeFileSync(join(to, 'both', 'kept'), 'kept');
  await merge();
  expect(readdirSync(from)).toEqual(['both']);
  expect(readdirSync(to).sort()).toEqual(['both', 'new']);
  expect(readdirSync(join(to, 'both')).sort()).toEqual(['file', 'kept']);
  expect(readFileSync(join(to, 'both', 'file'), 'utf8')).toBe('new');
  expect(skipped).toEqual([]);
});

it('replaces a link with a file, and does not follow it', async () => {
  const outside = join(temporaryFolder('outside'), 'file');
  writeFileSync(outside, 'outside');
  writeFileSync(join(from, 'a'), 'new');
  symlinkSync(outside, join(to, 'a'));
  await merge();
  expect(readFileSync(join(to, 'a'), 'utf8')).toBe('new');
  expect(readFileSync(outside, 'utf8')).toBe('outside');
});

it('continues if an entry of another kind exists', async () => {
  mkdirSync(join(from, 'a'));
  writeFileSync(join(from, 'b'), '');
  mkdirSync(join(from, 'c'));
  writeFileSync(join(from, 'd'), 'd');
  writeFileSync(join(to, 'a'), '');
  mkdirSync(join(to, 'b'));
  symlinkSync('/tmp', join(to, 'c'));
  await merge();
  expect(skipped).toEqual([
    'a: the existing entry is not a directory',
    'b: the existing entry is a directory',
    'c: the existing entry is not a directory',
  ]);
  expect(readFileSync(join(to, 'd'), 'utf8')).toBe('d');
});
