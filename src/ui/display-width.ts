import measured from 'fast-string-truncated-width';

/** Columns that a text takes on a terminal: two for a wide character, none for a combining one. */
export function displayWidth(text: string): number {
  return measured(text).width;
}

/** The text, cut with an ellipsis if it takes more columns than this. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  // Not with the library: 3.0.3 cuts too late after an arrow.
  let kept = '';
  let left = columns - 1;
  // Created here, because it loads tables for 10 ms, which most runs of the program do not need.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= displayWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}
