import type { Accent, Choice, Question } from '#domain/ports/prompt-ports.ts';
import type { TerminalSize } from '#domain/ports/terminal-ports.ts';
import type { ChoiceList } from './choice-list.ts';
import { cutToWidth, displayWidth, padToWidth } from './display-width.ts';
import { plainText } from './plain-text.ts';
import type { Style } from './style.ts';

/** The list as it is drawn at one moment. */
export interface Frame {
  /** Lines that do not wrap. */
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

/** The number of choices that fit on the terminal. */
export function pageSize({ rows }: TerminalSize): number {
  return Math.max(1, rows - LINES_AROUND_LIST);
}

/** A question at one moment. */
export interface ListView<T> {
  readonly list: ChoiceList<T>;
  readonly question: Question<T>;
  /** More choices are loading. */
  readonly isLoading: boolean;
  readonly search: SearchInput;
  readonly size: TerminalSize;
  readonly style: Style;
}

/** The question followed by the search, a page of the choices, and the keys. */
export function listFrame<T>(view: ListView<T>): Frame {
  const { list, question, search, size, style } = view;
  // A full last column would leave the cursor between two lines.
  const width = size.cols - 1;
  const label = `${cutToWidth(oneLine(question.message), Math.floor(width / 2))} ${position(view)}: `;
  const before = oneLine(search.text.slice(0, search.cursor));
  const heading = cutToWidth(label + oneLine(search.text), width);
  return {
    lines: [
      heading.startsWith(label) ? style('bold', label) + heading.slice(label.length) : heading,
      ...page(list, size).map((choice) => row(choice, list, width, style)),
      ...(list.matches.length === 0 ? ['  Nothing matches.'] : []),
      style('dim', cutToWidth(keys(question, width), width)),
    ],
    cursor: Math.min(displayWidth(label + before), width),
  };
}

function position<T>({ list, isLoading }: ListView<T>): string {
  const { matches, index, total } = list;
  const of = matches.length === total ? `${total}` : `${matches.length} of ${total}`;
  return `(${matches.length === 0 ? 0 : index + 1}/${of}${isLoading ? ', loading…' : ''})`;
}

/** Puts the highlighted choice in the middle, if there are enough on both sides. */
function page<T>({ matches, index }: ChoiceList<T>, size: TerminalSize): readonly Choice<T>[] {
  const height = pageSize(size);
  const last = Math.max(0, matches.length - height);
  const start = Math.max(0, Math.min(index - Math.floor(height / 2), last));
  return matches.slice(start, start + height);
}

function row<T>(choice: Choice<T>, list: ChoiceList<T>, width: number, style: Style): string {
  const { label, detail, isDimmed, accent } = choice;
  const isCurrent = choice === list.current;
  const columns = Math.min(list.labelWidth, Math.floor(width / 2));
  const name = oneLine(label);
  const text = detail === undefined ? name : `${padToWidth(name, columns)}  ${oneLine(detail)}`;
  const cut = cutToWidth(`${isCurrent ? '>' : ' '} ${text}`.trimEnd(), width);
  const line = accent === undefined ? cut : colored(cut, accent, style);
  if (isCurrent) return style('bold', line);
  return isDimmed ? style('dim', line) : line;
}

/** Searches after the label, which may contain the word too. */
function colored(line: string, { word, color }: Accent, style: Style): string {
  const at = line.lastIndexOf(`  ${word}`);
  if (at === -1) return line;
  const start = at + 2;
  const end = start + word.length;
  return line.slice(0, start) + style(color, line.slice(start, end)) + line.slice(end);
}

interface KeyHint {
  readonly text: string;
  /** Omits the lowest number first if the line is too short. */
  readonly weight: number;
}

function keys<T>({ canGoBack, shortcuts = [] }: Question<T>, width: number): string {
  const hints = (control: string): readonly KeyHint[] => [
    { text: 'Type to search', weight: 6 },
    { text: '↑↓ move', weight: 1 },
    { text: 'Enter choose', weight: 5 },
    ...(canGoBack ? [{ text: 'Esc back', weight: 4 }] : []),
    ...shortcuts.map(({ key, label }) => ({
      text: `${control}${key.toUpperCase()} ${label}`,
      weight: 3,
    })),
    { text: `${control}C cancel`, weight: 2 },
  ];
  const long = inOneLine(hints('Ctrl-'));
  return displayWidth(long) <= width ? long : fitting(hints('^'), width);
}

function fitting(hints: readonly KeyHint[], width: number): string {
  const line = inOneLine(hints);
  if (displayWidth(line) <= width || hints.length === 1) return line;
  const least = Math.min(...hints.map(({ weight }) => weight));
  const last = hints.findLastIndex(({ weight }) => weight === least);
  return fitting(hints.toSpliced(last, 1), width);
}

function inOneLine(hints: readonly KeyHint[]): string {
  return hints.map(({ text }) => text).join(' · ');
}

function oneLine(text: string): string {
  return plainText(text.replaceAll(/[\n\t]/g, ' '));
}
