import { describe, expect, it } from 'vitest';
import { MAX_LINE, NumberedLines } from '#envelope/numbered-lines.ts';

describe('NumberedLines', () => {
  it('numbers every line, from one call to the next', () => {
    const lines = new NumberedLines();
    expect(lines.messages(['V'])).toEqual([':1V\n']);
    expect(lines.messages(['KTERM 42', 'Q'])).toEqual([':2KTERM 42\n', ':3Q\n']);
    expect(lines.messages([])).toEqual([]);
  });

  it('announces lines that come together, so that one process reads them', () => {
    expect(new NumberedLines().messages(['Da', 'Db', 'E'])).toEqual([
      ...[':1B3\n', ':2Da\n', ':3Db\n', ':4E\n'],
    ]);
  });

  it('announces no more than 64 at once', () => {
    const messages = new NumberedLines().messages(Array.from({ length: 130 }, () => 'D'));
    expect(messages.filter((message) => message.includes('B'))).toEqual([':1B64\n', ':66B64\n']);
    expect(messages.slice(-2)).toEqual([':131D\n', ':132D\n']);
  });

  it('announces how much stdin comes at once, where that is at least 10 KiB', () => {
    const full = `D${'x'.repeat(1008)}`;
    const announced = (lines: readonly string[]) => new NumberedLines().messages(lines)[0];
    expect(announced([full, full, full, 'E'])).toBe(':1B4\n');
    expect(announced([...Array.from({ length: 11 }, () => full), 'E'])).toBe(':1B12~10~\n');
    expect(announced(Array.from({ length: 64 }, () => full))).toBe(':1B64~63~\n');
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
