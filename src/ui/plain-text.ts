/** Control characters, including DEL and C1; newline and tab may be printed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is there to find them
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes foreign text (from AWS, the agent, a file) safe to print: it must not move the cursor, set a
 * title or hide other text.
 */
export function plainText(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** Like `plainText`, but also escapes newlines, so that the text cannot start a line that looks like ours. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll('\n', '\\n');
}

/** Colour and style of text: the only kind of escape sequence that is harmless. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is there to find them
const STYLING = /(\u001b\[[\d;:]*m)/;

/** A line of a program's output made safe for a terminal. It keeps its colours, which end with it. */
export function styledText(text: string): string {
  const parts = text
    .split(STYLING)
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)));
  return parts.length === 1 ? parts.join('') : `${parts.join('')}\u001b[0m`;
}
