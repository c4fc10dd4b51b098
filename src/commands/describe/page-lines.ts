import { displayWidth, padToWidth } from '#ui/display-width.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Style } from '#ui/style.ts';
import { renderTable, type TableColumn } from '#ui/table.ts';

/** How a page is printed. */
export interface PageView {
  /** Columns of the terminal; undefined: nothing is broken or shortened. */
  readonly width: number | undefined;
  readonly now: number;
  readonly style: Style;
}

const LABEL_WIDTH = 17;
/** In narrower terminals a value that is too long begins below its label. */
const SIDE_BY_SIDE = 60;

/** `label  value`, with the value broken between words below itself; none for a value that is empty. */
export function field(label: string, value: string, view: PageView): readonly string[] {
  if (value === '') return [];
  const { width } = view;
  const head = view.style('dim', plainText(label));
  const side = paragraph(value, view, ' '.repeat(LABEL_WIDTH + 2));
  const isBelow = width !== undefined && width < SIDE_BY_SIDE && side.length > 1;
  if (isBelow) return [`  ${head}`, ...paragraph(value, view, ' '.repeat(4))];
  const [first = '', ...rest] = side;
  const gap = ' '.repeat(Math.max(2, LABEL_WIDTH - displayWidth(label)));
  return [`  ${head}${gap}${first.trimStart()}`, ...rest];
}

/** Text of AWS on as many lines as it needs. Does not split a word that is longer than a line. */
export function paragraph(text: string, view: PageView, indent: string): readonly string[] {
  const words = plainText(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const lines: string[] = [];
  let current = indent;
  for (const word of words) {
    const isFirst = current.trim() === '';
    const longer = isFirst ? current + word : `${current} ${word}`;
    if (isFirst || view.width === undefined || displayWidth(longer) <= view.width) current = longer;
    else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}

/** A heading with its lines below; nothing for a section that is empty. */
export function section(
  title: string,
  lines: readonly string[],
  view: PageView,
): readonly string[] {
  return lines.length === 0 ? [] : ['', view.style('bold', title), ...lines];
}

export interface PageColumn<Row> extends TableColumn {
  readonly cell: (row: Row) => string;
}

/** A table, two columns in from the left. */
export function table<Row>(
  columns: readonly PageColumn<Row>[],
  rows: readonly Row[],
  { width }: PageView,
): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const lines = renderTable(
    { columns, rows: cells, hasTitles: true },
    width === undefined ? undefined : width - 2,
  );
  return lines.map((line) => `  ${line}`);
}

/** An event or a reason after its age, `   2m  text`. */
export function dated(age: string, text: string, view: PageView): readonly string[] {
  const indent = ' '.repeat(8);
  const [first = '', ...rest] = paragraph(text, view, indent);
  return [`  ${padToWidth(age, 4)}  ${first.trimStart()}`, ...rest];
}

export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
