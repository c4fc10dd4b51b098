import { describe, expect, it } from 'vitest';
import { DirectoryListing } from '#ssh/sftp/directory-listing.ts';

const FILE = '81a4 5 0 0 1700000000 1700000000';
const listing = (text: string) => new DirectoryListing(Buffer.from(text, 'latin1'));
const namesIn = (text: string) =>
  listing(text)
    .next(10)
    .map(({ name }) => name);

it('a file can have a time outside the calendar', () => {
  const files = listing(`${FILE}\n81a4 1 0 0 1 99999999999999\n\na\0b\0`).next(10);
  expect(files.map(({ longName }) => longName)).toEqual([
    '-rw-r--r--    1 0        0               5 2023-11-14 22:13 a',
    '-rw-r--r--    1 0        0               1 ?                b',
  ]);
});

describe.each([
  [
    'at once',
    (names: readonly string[]) => [
      ...names.map(() => `${FILE}\n`),
      '\n',
      ...names.map((name) => `${name}\0`),
    ],
  ],
  ['one by one', (names: readonly string[]) => ['\n', ...names.map((name) => `${FILE} ${name}\0`)]],
] as const)('a directory listed %s', (_how, printed) => {
  const text = (...names: readonly string[]) => printed(names).join('');

  it('skips names that lead out of the directory', () => {
    expect(namesIn(text('../../.bashrc', 'a', '/etc/passwd'))).toEqual(['a']);
  });

  it('preserves newlines, spaces and bytes that are not UTF-8', () => {
    expect(namesIn(text('.', './-n', './a\n\nb', './ c ', './\xe9'))).toEqual([
      '.',
      '-n',
      'a\n\nb',
      ' c ',
      '\xe9',
    ]);
  });

  it('is read in non-empty parts, and is then empty', () => {
    const files = listing(text('a', '/1', '/2', 'b', 'c', '/3'));
    const parts = Array.from({ length: 4 }, () => files.next(2).map(({ name }) => name));
    expect([...parts, files.size]).toEqual([['a', 'b'], ['c'], [], [], 0]);
  });
});

it('parses entries when they are read', () => {
  const files = listing(`${FILE}\nnonsense\n\na\0b\0`);
  expect(files.next(1).map(({ name }) => name)).toEqual(['a']);
  expect(() => files.next(1)).toThrow('unexpected output of stat');
});

it.each([
  ['nothing', ''],
  ['no names', `${FILE}\n`],
])('a script that prints %s has failed', (_what, text) => {
  expect(() => listing(text)).toThrow('unexpected output of stat');
});

it('more names than lines are an error', () => {
  expect(() => listing(`${FILE}\n\na\0b\0`).next(10)).toThrow('unexpected output of stat');
});
