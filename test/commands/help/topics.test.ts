import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT_STATUSES } from '#commands/help/topics.ts';
import { FILE_KEYS } from '#commands/settings.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('has the exit statuses of ecsh help exit-status', () => {
    const section = README.split('\n## ').find((part) => part.startsWith('Exit status')) ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| '));
    const cells = rows.slice(2).map((row) => row.replaceAll('`', '').replaceAll('\\|', '\0'));
    const statuses = cells.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\0', '|')),
    );
    expect(statuses).toEqual(EXIT_STATUSES);
  });

  it('names every key of the configuration file', () => {
    const section = README.split('\n### ').find((part) => part.startsWith('Configuration')) ?? '';
    expect(FILE_KEYS.filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
  });
});
