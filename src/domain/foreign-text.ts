/** Begins every line of foreign text except the first. */
export const LINE_MARK = '  | ';

/** The maximum of foreign text in one of our messages, in characters; the rest is cut. */
const MAX_LINES = 10;
const MAX_CHARACTERS = 1024;

/** Text of the agent, the service or AWS, cut to the limit of a message. */
export function boundedText(text: string): string {
  const whole = text.trim();
  // Before it is split, because it may have a million lines.
  const lines = whole.slice(0, 2 * MAX_CHARACTERS).split(/\r\n|\r|\n/);
  const kept = lines.slice(0, MAX_LINES).join('\n').slice(0, MAX_CHARACTERS);
  const isCut = whole.length > 2 * MAX_CHARACTERS || kept.length < lines.join('\n').length;
  return isCut ? `${kept} …` : kept;
}

/** The same below a label, as a block whose lines cannot look like messages of ecsh. */
export function labelledText(label: string, text: string): string {
  return markLines(`${label}:\n${boundedText(text)}`);
}

/** Marks every line after the first. */
export function markLines(text: string): string {
  return text.replace(/\r?\n(?! {2}\| )/g, `\n${LINE_MARK}`);
}
