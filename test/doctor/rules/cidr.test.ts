import { describe, expect, it } from 'vitest';
import { containsBlock, isPrivateBlock, overlaps } from '#doctor/rules/cidr.ts';

describe('containsBlock', () => {
  it.each([
    ['10.0.0.0/16', '10.0.12.0/24', true],
    ['10.0.12.0/24', '10.0.12.34', true],
    ['10.0.12.34/32', '10.0.12.34', true],
    ['0.0.0.0/0', '10.0.12.0/24', true],
    ['10.0.12.0/24', '10.0.0.0/16', false],
    ['10.0.12.0/25', '10.0.12.200', false],
    ['192.168.0.0/16', '10.0.12.34', false],
    ['2001:db8::/32', '2001:db8:1::/48', true],
    ['2001:db8::/64', '2001:db8::1', true],
    ['2001:db8::/64', '2001:db8:0:1::1', false],
    ['::/0', '10.0.12.34', false],
    ['::/0', '::1', true],
    ['10.0.0.0/33', '10.0.0.0', false],
    ['10.0.0', '10.0.0.0', false],
    ['1::2::3/64', '1::2', false],
  ])('%s contains %s: %s', (outer, inner, expected) => {
    expect(containsBlock(outer, inner)).toBe(expected);
  });
});

describe('overlaps', () => {
  it.each([
    ['10.0.12.0/25', '10.0.12.0/24', true],
    ['10.0.12.0/24', '10.0.12.0/25', true],
    ['10.0.12.0/24', '10.0.13.0/24', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
  });
});

describe('isPrivateBlock', () => {
  it.each([
    ['10.1.0.0/16', true],
    ['172.31.0.0/16', true],
    ['100.64.3.0/24', true],
    ['fd00::/8', true],
    ['203.0.113.0/24', false],
    ['0.0.0.0/0', false],
  ])('%s: %s', (block, expected) => {
    expect(isPrivateBlock(block)).toBe(expected);
  });
});
