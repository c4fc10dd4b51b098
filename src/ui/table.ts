import { cutToWidth, displayWidth, padToWidth } from './display-width.ts';
import { plainText } from './plain-text.ts';

export interface TableColumn {
  readonly title: string;
  /** The column with the greatest number is omitted first if there is no room. */
  readonly priority: number;
  /** Cells are cut to this many characters if necessary; undefined: never. */
  readonly minimum?: number | undefined;
  readonly align?: 'right' | undefined;
}

export interface Table {
  readonly columns: readonly TableColumn[];
  /** A row has as many cells as there are columns. */
  readonly rows: readonly (readonly string[])[];
  readonly hasTitles: boolean;
  /** How a cell is styled, by row and column; undefined: plain. Styles add no width. */
  readonly style?: ((row: number, column: number, text: string) => string) | undefined;
}

const GAP = '  ';

interface Fitted extends TableColumn {
  /** Index in the table. */
  readonly index: number;
  readonly width: number;
}

/**
 * Lines of a table, with the titles first, if there are any. Within `width`, if it is given: the widest cells are
 * cut first, with an ellipsis, then whole columns are omitted, the least important first.
 */
export function renderTable(
  { columns, rows, hasTitles, style = (_row, _column, text) => text }: Table,
  width?: number,
): readonly string[] {
  const titles = hasTitles ? [columns.map(({ title }) => title)] : [];
  const lines = [...titles, ...rows.map((row) => row.map(cellText))];
  const natural = columns.map((column, index) => ({
    ...column,
    index,
    width: Math.max(...lines.map((line) => displayWidth(line[index] ?? ''))),
  }));
  const fitted = width === undefined ? natural : columnsWithin(natural, width);
  return lines.map((line, at) => {
    const cells = fitted.map((column) => padded(line[column.index] ?? '', column));
    const row = at - titles.length;
    // Blanks at the end of a line are cut before it is styled: styles end in an escape sequence.
    const last = cells.findLastIndex((cell) => cell.trim() !== '');
    return cells
      .slice(0, last + 1)
      .map((cell, index) => (index === last ? cell.trimEnd() : cell))
      .map((cell, index) => (row < 0 ? cell : styled(cell, row, fitted[index]?.index ?? 0, style)))
      .join(GAP);
  });
}

/** Styles only the text, not the blanks that align it. */
function styled(
  cell: string,
  row: number,
  column: number,
  style: NonNullable<Table['style']>,
): string {
  const [, before = '', text = '', after = ''] = /^( *)(.*?)( *)$/.exec(cell) ?? [];
  return text === '' ? cell : before + style(row, column, text) + after;
}

/** Keeps as many columns as there is room for, and narrows them only as far as necessary. Keeps at least one. */
function columnsWithin(columns: readonly Fitted[], width: number): readonly Fitted[] {
  const narrowed = narrow(columns, width);
  if (totalWidth(narrowed) <= width || columns.length === 1) return narrowed;
  const [least] = columns.toSorted((a, b) => b.priority - a.priority);
  return columnsWithin(
    columns.filter((column) => column !== least),
    width,
  );
}

function narrow(columns: readonly Fitted[], width: number): readonly Fitted[] {
  const excess = totalWidth(columns) - width;
  const [widest] = columns
    .filter((column) => column.width > (column.minimum ?? column.width))
    .toSorted((a, b) => b.width - a.width);
  if (excess <= 0 || widest === undefined) return columns;
  const narrower = columns.map((column) =>
    column === widest ? { ...column, width: column.width - 1 } : column,
  );
  return narrow(narrower, width);
}

function totalWidth(columns: readonly Fitted[]): number {
  const gaps = GAP.length * (columns.length - 1);
  return columns.reduce((sum, { width }) => sum + width, gaps);
}

function padded(text: string, { align, width }: Fitted): string {
  const shown = cutToWidth(text, width);
  return align === 'right'
    ? ' '.repeat(width - displayWidth(shown)) + shown
    : padToWidth(shown, width);
}

/** One line: newlines and tabs become blanks. */
function cellText(text: string): string {
  return plainText(text).replace(/[\n\t]+/g, ' ');
}
