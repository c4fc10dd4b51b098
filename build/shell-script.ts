/**
 * Turns a shell script that is written for people into the one line that a command string takes:
 * ExecuteCommand documents nothing about newlines in it.
 *
 * The scripts keep to a few rules, so that this can work line by line: no here-documents, no quotes
 * that span lines, comments on lines of their own, and operators at the end of a line.
 */
export function oneLine(script: string): string {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.length - 1;
  return lines.map((line, index) => (index === last ? line : line + separatorAfter(line))).join('');
}

/** An operator or an opening word at the end of a line needs no `;`, nor does a pattern of `case`. */
function separatorAfter(line: string): '; ' | ' ' {
  const continues =
    /[{(|;&]$/.test(line) || /(^|[\s;])(then|do|else|in|!)$/.test(line) || /^[^()]+\)$/.test(line);
  return continues ? ' ' : '; ';
}
