import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import {
  assertCommand,
  assertEndpoint,
  assertEnvironment,
  assertForwards,
  assertSize,
  assertTarget,
} from '#library/checked.ts';
import { countOf, limitOf } from '#library/limits.ts';

/** Returns the code of the error that a check throws, or undefined if it accepts the value. */
function refusal(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof EcshError) return error.code;
    throw error;
  }
}

describe('a value of the wrong type is refused:', () => {
  it.each([undefined, null, 5, {}])('target %j', (target) => {
    expect(refusal(() => assertTarget(target))).toBe('target-invalid');
  });

  it.each([['ls -l'], [undefined], [[]], [['']], [['ls', 5]], [['ls', null]], [['a\0b']]])(
    'argv %j',
    (argv) => {
      expect(refusal(() => assertCommand(argv))).toBe('usage');
    },
  );

  it.each([{ A: 5 }, { A: null }, { A: 'x\0y' }, { 'a b': '1' }, { '': '1' }])('env %j', (env) => {
    expect(refusal(() => assertEnvironment(env))).toBe('env-invalid');
  });

  it.each(['not a url', 'ftp://host', ''])('endpointUrl %j', (url) => {
    expect(refusal(() => assertEndpoint(url))).toBe('usage');
  });

  it.each([undefined, '80', [], [5]])('forwards %j', (words) => {
    expect(refusal(() => assertForwards(words))).toBe('usage');
  });

  it.each([
    undefined,
    { cols: Number.NaN, rows: 1 },
    { cols: -1, rows: 1 },
    { cols: 80 },
    { cols: 1, rows: 65_536 },
  ])('size %j', (size) => {
    expect(refusal(() => assertSize(size))).toBe('usage');
  });

  it.each([Number.NaN, -1, 1.5, 0])('a limit of %s tasks', (count) => {
    expect(refusal(() => countOf('parallel', count, 1))).toBe('usage');
  });

  it('a time limit as a string', () => {
    expect(refusal(() => limitOf('timeoutMs', JSON.parse('"5"')))).toBe('usage');
  });
});

it('values of the right type pass', () => {
  const checks = [
    () => assertTarget('prod/web'),
    () => assertCommand(['sh', '-c', '']),
    () => assertEnvironment({ A: '', _b1: 'x\ny' }),
    () => assertEndpoint(undefined),
    () => assertEndpoint('http://127.0.0.1:8080'),
    () => assertForwards([':80']),
    () => assertSize({ cols: 0, rows: 0 }),
  ];
  expect(checks.map(refusal)).toEqual(checks.map(() => undefined));
  expect([countOf('maxBuffer', 0, 0), countOf('parallel', Number.POSITIVE_INFINITY, 1)]).toEqual([
    0,
    Number.POSITIVE_INFINITY,
  ]);
});
