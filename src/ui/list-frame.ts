import type { Choice, Question } from '#domain/ports/prompt-ports.ts';
import type { TerminalSize } from '#domain/ports/terminal-ports.ts';
import type { ChoiceList } from './choice-list.ts';
import { cutToWidth, displayWidth, padToWidth } from './display-width.ts';
import { plainText } from './plain-text.ts';
import type { Style } from './style.ts';

/** A list as it is drawn at one moment. */
export interface Frame {
  /** None of them wraps. */
  readonly lines: readonly string[];
  /** Column of the cursor in the first line. */
  readonly cursor: number;
}

/** The search as it is being typed; `cursor` counts UTF-16 units. */
export interface SearchInput {
  readonly text: string;
  readonly cursor: number;
}

/** The question above the list, the keys below it, and the line where a terminal would scroll. */
const LINES_AROUND_LIST = 3;

/** How many choices fit on the terminal. */
export function pageSize({ rows }: TerminalSize): number {
  return Math.max(1, rows - LINES_AROUND_LIST);
}

/** The question with what is typed behind it, a page of the choices, and the keys. */
export function listFrame<T>(
  list: ChoiceList<T>,
  question: Question<T>,
  search: SearchInput,
  size: TerminalSize,
  style: Style,
): Frame {
  // A full last column would leave the cursor between two lines.
  const width = size.cols - 1;
  const label = `${cutToWidth(oneLine(question.message), Math.floor(width / 2))} ${position(list)}: `;
  const before = oneLine(search.text.slice(0, search.cursor));
  const heading = cutToWidth(label + oneLine(search.text), width);
  return {
    lines: [
      heading.startsWith(label) ? style('bold', label) + heading.slice(label.length) : heading,
      ...page(list, size).map((choice) => row(choice, list, width, style)),
      ...(list.matches.length === 0 ? ['  Nothing matches.'] : []),
      style('dim', cutToWidth(keys(question), width)),
    ],
    cursor: Math.min(displayWidth(label + before), width),
  };
}

function position<T>({ matches, index, total }: ChoiceList<T>): string {
  const of = matches.length === total ? `${total}` : `${matches.length} of ${total}`;
  return `(${matches.length === 0 ? 0 : index + 1}/${of})`;
}

/** The highlighted one in the middle, where there are enough on both sides. */
function page<T>({ matches, index }: ChoiceList<T>, size: TerminalSize): readonly Choice<T>[] {
  const height = pageSize(size);
  const last = Math.max(0, matches.length - height);
  const start = Math.max(0, Math.min(index - Math.floor(height / 2), last));
  return matches.slice(start, start + height);
}

function row<T>(choice: Choice<T>, list: ChoiceList<T>, width: number, style: Style): string {
  const { label, detail, isDimmed } = choice;
  const isCurrent = choice === list.current;
  const columns = Math.min(list.labelWidth, Math.floor(width / 2));
  const name = oneLine(label);
  const text = detail === undefined ? name : `${padToWidth(name, columns)}  ${oneLine(detail)}`;
  const line = cutToWidth(`${isCurrent ? '>' : ' '} ${text}`.trimEnd(), width);
  if (isCurrent) return style('bold', line);
  return isDimmed ? style('dim', line) : line;
}

function keys<T>({ canGoBack }: Question<T>): string {
  const leave = canGoBack ? 'Esc back · Ctrl-C cancel' : 'Ctrl-C cancel';
  return `Type to search · ↑↓ move · Enter choose · ${leave}`;
}

function oneLine(text: string): string {
  return plainText(text.replaceAll(/[\n\t]/g, ' '));
}
