import { describe, expect, it } from 'vitest';
import { readEnvironment } from '#commands/environment.ts';

const OWN = { HOME: '/home/me', EMPTY: '', GONE: undefined };

describe('readEnvironment', () => {
  it.each<readonly [string, readonly string[], readonly string[], object]>([
    ['a pair', ['A=1'], [], { A: '1' }],
    ['a value with special characters', ['A=x=y "z"\n$1'], [], { A: 'x=y "z"\n$1' }],
    ['an empty value', ['A='], [], { A: '' }],
    ['the last of several', ['A=1', 'A=2'], [], { A: '2' }],
    ['our own values', ['HOME', 'EMPTY'], [], { HOME: '/home/me', EMPTY: '' }],
    ['no value for a variable that is not set', ['GONE', 'MISSING'], [], {}],
    ['no inherited property of objects', ['constructor', 'toString'], [], {}],
    ['names that are special to objects', ['__proto__=x'], [], { ['__proto__']: 'x' }],
    [
      'files, without comments and empty lines',
      [],
      ['# comment\n\nA=1\r\n  B=two words \n   \n  # more\nHOME'],
      { A: '1', B: 'two words ', HOME: '/home/me' },
    ],
    ['pairs before files', ['A=pair'], ['A=file\nB=file', 'B=second'], { A: 'pair', B: 'second' }],
  ])('reads %s', (_, pairs, files, expected) => {
    const environment = readEnvironment(pairs, files, OWN);
    expect(Object.entries(environment)).toEqual(Object.entries(expected));
  });

  it.each([
    ['=secret', ''],
    ['1A=secret', '1A'],
    ['A B=secret', 'A B'],
    ['A-B', 'A-B'],
    ['', ''],
  ])('rejects "%s" without showing the value', (pair, name) => {
    expect(() => readEnvironment([pair], [], OWN)).toThrow(
      expect.objectContaining({
        code: 'env-invalid',
        message: `"${name}" is not the name of a variable.`,
        hint: 'Write -e NAME=VALUE with a name of letters, digits and underscores.',
      }),
    );
  });
});
