import { expect, it } from 'vitest';
import { exactArguments } from '#local/exact-arguments.ts';

const commandLine = (...words: readonly string[]) =>
  Buffer.from(words.map((word) => `${word}\0`).join(''), 'latin1');

it('keeps plain arguments without reading the command line', () => {
  const fail = () => {
    throw new Error('read');
  };
  expect(exactArguments(['cp', 'ü', ''], fail)).toEqual(['cp', 'ü', '']);
});

it('takes the bytes of damaged arguments from the command line', () => {
  const read = () => commandLine('node', '--flag', 'ecsh.js', 'cp', 'caf\xe9', '');
  expect(exactArguments(['cp', 'caf\ufffd', ''], read)).toEqual(['cp', 'caf\udce9', '']);
});

it('keeps U+FFFD that was typed', () => {
  const read = () => commandLine('node', 'ecsh.js', '\xef\xbf\xbd');
  expect(exactArguments(['\ufffd'], read)).toEqual(['\ufffd']);
});

it.each([
  ['cannot be read', () => undefined],
  ['has other words', () => commandLine('node', 'other\xe9')],
  ['has too few words', () => commandLine('caf\xe9')],
])('keeps the arguments if the command line %s', (_name, read) => {
  const argv = ['cp', 'caf\ufffd'];
  expect(exactArguments(argv, read)).toEqual(argv);
});
