import { describe, expect, it } from 'vitest';
import { locateJsonError } from '#commands/json-position.ts';

describe('the position of a JSON syntax error', () => {
  it.each<readonly [string, number, number]>([
    ['', 1, 1],
    ['{', 1, 2],
    ['{\n  "a": 1,\n}', 3, 1],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
    ['{\n  a: 1\n}', 2, 3],
    ['{"a" 1}', 1, 6],
    ['{"a": }', 1, 7],
    ["{'a': 1}", 1, 2],
    ['{"a": "no end}', 1, 7],
    ['{"a": "tab\tinside"}', 1, 7],
    ['{"a": "\\x"}', 1, 7],
    ['{"a": [1, 2,]}', 1, 13],
    ['{"a": {"b": [true, null, -1.5e3, "x"]}} more', 1, 41],
    ['{"a": 1} // why', 1, 10],
    ['{"a": 1]', 1, 8],
    ['[1: 2]', 1, 3],
    ['{"a": 01}', 1, 8],
  ])('%j: line %i, column %i', (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(locateJsonError(text)).toEqual({ line, column });
  });
});
