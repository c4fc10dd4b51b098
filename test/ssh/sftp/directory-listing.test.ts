import { describe, expect, it } from 'vitest';
import { DirectoryListing } from '#ssh/sftp/directory-listing.ts';

const FILE = '81a4 5 0 0 1700000000 1700000000';
const listing = (text: string) => new DirectoryListing(Buffer.from(text, 'latin1'));
const namesIn = (text: string) =>
  listing(text)
    .next(10)
    .map(({ name }) => name);

it('a file may have a time that is beyond all calendars', () => {
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
] as const)('a directory that is listed %s', (_how, printed) => {
  const text = (...names: readonly string[]) => printed(names).join('');

  it('has no names that lead out of it', () => {
    expect(namesIn(text('../../.bashrc', 'a', '/etc/passwd'))).toEqual(['a']);
  });

  it('keeps newlines, blanks and bytes that are not UTF-8', () => {
    expect(namesIn(text('.', './-n', './a\n\nb', './ c ', './\xe9'))).toEqual([
      '.',
      '-n',
      'a\n\nb',
      ' c ',
      '\xe9',
    ]);
  });

  it('is read in parts, of which none is empty before the end, and then holds nothing', () => {
    const files = listing(text('a', '/1', '/2', 'b', 'c', '/3'));
    const parts = Array.from({ length: 4 }, () => files.next(2).map(({ name }) => name));
    expect([...parts, files.size]).toEqual([['a', 'b'], ['c'], [], [], 0]);
  });
});

it('entries are parsed when they are read', () => {
  const files = listing(`${FILE}\nnonsense\n\na\0b\0`);
  expect(files.next(1).map(({ name }) => name)).toEqual(['a']);
  expect(() => files.next(1)).toThrow('unexpected output of stat');
});

it.each([
  ['nothing', ''],
  ['no names', `${FILE}\n`],
])('a script that printed %s has failed', (_what, text) => {
  expect(() => listing(text)).toThrow('unexpected output of stat');
});

it('more names than lines are an error', () => {
  expect(() => listing(`${FILE}\n\na\0b\0`).next(10)).toThrow('unexpected output of stat');
});
