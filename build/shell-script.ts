/**
 * Joins the lines of a shell script for a command string, because ExecuteCommand does not document
 * whether that may contain newlines.
 *
 * It works line by line, so scripts must follow a few rules: no here-documents, no quotes that span
 * lines, comments on lines of their own, and operators at the end of a line.
 */
export function oneLine(script: string): string {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.length - 1;
  return lines.map((line, index) => (index === last ? line : line + separatorAfter(line))).join('');
}

/** A line that ends with an operator, an opening keyword or a `case` pattern takes no `;`. */
function separatorAfter(line: string): '; ' | ' ' {
  const continues =
    /[{(|;&]$/.test(line) || /(^|[\s;])(then|do|else|in|!)$/.test(line) || /^[^()]+\)$/.test(line);
  return continues ? ' ' : '; ';
}
