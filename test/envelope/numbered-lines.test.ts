import { describe, expect, it } from 'vitest';
import { MAX_LINE, NumberedLines } from '#envelope/numbered-lines.ts';

describe('NumberedLines', () => {
  it('numbers every line, across calls', () => {
    const lines = new NumberedLines();
    expect(lines.messages(['V'])).toEqual([':1V\n']);
    expect(lines.messages(['KTERM 42', 'Q'])).toEqual([':2KTERM 42\n', ':3Q\n']);
    expect(lines.messages([])).toEqual([]);
  });

  it('announces lines that arrive together, so that one process reads them', () => {
    expect(new NumberedLines().messages(['Da', 'Db', 'Dc'])).toEqual([
      ...[':1B3\n', ':2Da\n', ':3Db\n', ':4Dc\n'],
    ]);
  });

  it('does not announce the end of stdin, which reveals a missing line before it', () => {
    expect(new NumberedLines().messages(['Da', 'Db', 'Dc', 'E'])).toEqual([
      ...[':1B3\n', ':2Da\n', ':3Db\n', ':4Dc\n', ':5E\n'],
    ]);
    expect(new NumberedLines().messages(['E'])).toEqual([':1E\n']);
  });

  it('announces at most 192 at once, and 64 of escapes', () => {
    const announced = (line: string) =>
      new NumberedLines()
        .messages(Array.from({ length: 390 }, () => line))
        .filter((message) => message.includes('B'));
    expect(announced('D')).toEqual([':1B192\n', ':194B192\n', ':387B6\n']);
    expect(announced('D\\141')).toHaveLength(7);
    expect(announced('D\\141')[0]).toBe(':1B64\n');
  });

  it('announces the amount of stdin in units of 2 KiB, if it is at least 10 units', () => {
    const full = `D${'x'.repeat(1008)}`;
    const announced = (lines: readonly string[]) => new NumberedLines().messages(lines)[0];
    expect(announced([full, full, full, 'E'])).toBe(':1B3\n');
    expect(announced([...Array.from({ length: 20 }, () => full), 'E'])).toBe(':1B20\n');
    expect(announced([...Array.from({ length: 21 }, () => full), 'E'])).toBe(':1B21~10~\n');
    expect(announced(Array.from({ length: 192 }, () => full))).toBe(':1B192~94~\n');
  });

  it('keeps each line within an input message (PROTOCOL F-6)', () => {
    const lines = new NumberedLines();
    const longest = 'D'.repeat(MAX_LINE);
    const last = Array.from({ length: 12_000 }, () => lines.messages([longest]))
      .flat()
      .at(-1);
    expect(last).toBe(`:12000${longest}\n`);
    expect(MAX_LINE + ':9999999999\n'.length).toBe(1024);
  });
});
