import { describe, expect, it } from 'vitest';
import { editDistance, suggestNames } from '#domain/resolve/suggestion.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'web', 3],
    ['web', 'web', 0],
    ['kitten', 'sitting', 3],
    ['api', 'aip', 1],
  ])('from "%s" to "%s" is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('suggestNames', () => {
  it.each([
    ['wbe-api', ['web-api', 'worker'], ['web-api']],
    ['api', ['web-api', 'worker', 'api2'], ['api2', 'web-api']],
    ['WEB', ['web'], ['web']],
    ['zzz', ['web', 'worker'], []],
    ['web1', ['web2', 'web3', 'web4', 'web5'], ['web2', 'web3', 'web4']],
  ])('suggests for %s among %j: %j', (typed, candidates, expected) => {
    expect(suggestNames(typed, candidates)).toEqual(expected);
  });
});
