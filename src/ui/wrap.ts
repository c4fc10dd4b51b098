import { LINE_MARK } from '#domain/foreign-text.ts';
import { displayWidth } from './display-width.ts';

/** Longer lines of prose are hard to read. */
const WIDEST = 100;

/** The maximum line length: the width of the terminal, at most 100; undefined for pipes and files. */
export function proseWidth(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | undefined {
  if (stream.isTTY !== true || stream.columns === undefined || stream.columns <= 0)
    return undefined;
  return Math.min(stream.columns, WIDEST);
}

/**
 * Breaks lines between words. A command, which follows two spaces at the end of its line, stays in one
 * piece, because a broken one cannot be pasted.
 *
 * @param indent of the continuation lines
 */
export function wrapProse(text: string, width: number | undefined, indent: string): string {
  if (width === undefined) return text;
  return (
    text
      .split('\n')
      // A line of foreign text keeps its mark, so that no part of it looks like ours.
      .map((line) => wrapLine(line, width, line.startsWith(LINE_MARK) ? LINE_MARK : indent))
      .join('\n')
  );
}

function wrapLine(line: string, width: number, indent: string): string {
  if (displayWidth(line) <= width) return line;
  const [, margin = '', prose = '', command] = /^( *)(.*?\S)(?: {2,}(\S.*))?$/s.exec(line) ?? [];
  const lines: string[] = [];
  let current = margin;
  for (const word of prose.split(' ')) {
    const isFirst = current.trim() === '';
    const longer = isFirst ? current + word : `${current} ${word}`;
    if (isFirst || displayWidth(longer) <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  if (command === undefined) return [...lines, current].join('\n');
  const whole = `${current}  ${command}`;
  if (displayWidth(whole) <= width) return [...lines, whole].join('\n');
  return [...lines, current, `${indent}  ${command}`].join('\n');
}
