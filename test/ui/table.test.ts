import { describe, expect, it } from 'vitest';
import { renderTable, type TableColumn } from '#ui/table.ts';

const COLUMNS: readonly TableColumn[] = [
  { title: 'NAME', priority: 0, minimum: 6 },
  { title: 'COUNT', priority: 2, align: 'right' },
  { title: 'DETAIL', priority: 3, minimum: 8 },
];
const ROWS = [
  ['web', '3', 'a rather long detail'],
  ['background-worker', '120', ''],
];

function lines(width?: number): readonly string[] {
  return renderTable({ columns: COLUMNS, rows: ROWS, hasTitles: true }, width);
}

describe('a table', () => {
  it('is as wide as its cells, with numbers to the right, and without trailing blanks', () => {
    expect(lines()).toEqual([
      'NAME               COUNT  DETAIL',
      'web                    3  a rather long detail',
      'background-worker    120',
    ]);
    expect(lines(46)).toEqual(lines());
  });

  it.each<readonly [number, readonly string[]]>([
    [
      44,
      [
        'NAME               COUNT  DETAIL',
        'web                    3  a rather long det…',
        'background-worker    120',
      ],
    ],
    [25, ['NAME      COUNT  DETAIL', 'web           3  a rathe…', 'backgro…    120']],
    [20, ['NAME           COUNT', 'web                3', 'background-w…    120']],
    [10, ['NAME', 'web', 'backgroun…']],
    [3, ['NAME', 'web', 'backg…']],
  ])('narrows the widest cells, then omits columns: %i', (width, expected) => {
    expect(lines(width)).toEqual(expected);
  });

  it('narrows the remaining columns only as much as necessary', () => {
    const columns = [
      { title: 'A', priority: 0, minimum: 2 },
      { title: 'B', priority: 1 },
    ];
    const table = { columns, rows: [['abcdefgh', 'a cell too wide to be cut']], hasTitles: true };
    expect(renderTable(table, 8)).toEqual(['A', 'abcdefgh']);
  });

  it('measures the width on a terminal, and escapes control characters', () => {
    const table = {
      columns: [
        { title: 'TAG', priority: 0 },
        { title: 'X', priority: 1 },
      ],
      rows: [
        ['日本', '1'],
        ['\u001b[31mred\nline', '2'],
      ],
      hasTitles: true,
    };
    expect(renderTable(table)).toEqual([
      'TAG               X',
      '日本              1',
      '\\x1b[31mred line  2',
    ]);
  });

  it('is narrower without titles', () => {
    const columns = [{ title: 'A LONG TITLE', priority: 0 }];
    expect(renderTable({ columns, rows: [['a']], hasTitles: false })).toEqual(['a']);
  });

  it('has its titles even without rows', () => {
    expect(renderTable({ columns: COLUMNS, rows: [], hasTitles: true })).toEqual([
      'NAME  COUNT  DETAIL',
    ]);
  });
});
