import { describe, expect, it } from 'vitest';
import { environmentLines, signalLine } from '#envelope/envelope-input.ts';
import { MAX_LINE } from '#envelope/numbered-lines.ts';

describe('environmentLines', () => {
  it('writes one line for each variable, and every byte except letters and digits as \\0ooo', () => {
    expect(environmentLines({ A: 'plain1', B: "it's\n$x é", EMPTY: '' })).toEqual([
      'VA=plain1',
      'VB=it\\0047s\\0012\\0044x\\0040\\0303\\0251',
      'VEMPTY=',
    ]);
  });

  it('continues long values on the next line', () => {
    const value = 'x'.repeat(3_000);
    const lines = environmentLines({ LONG: value });
    expect(lines.map((line) => line.length)).toEqual([MAX_LINE, MAX_LINE, 984]);
    expect(lines.map((line) => line[0]).join('')).toBe('VWW');
    expect(lines.map((line) => line.slice(1)).join('')).toBe(`LONG=${value}`);
  });

  it('writes nothing without variables', () => {
    expect(environmentLines({})).toEqual([]);
  });
});

describe('signalLine', () => {
  it('names the signal and the process group', () => {
    expect(signalLine('SIGTERM', 42)).toBe('KTERM 42');
  });
});
