/** The first line of a generated page: an edit of the page would be lost. */
export function generated(source: string): string {
  return `<!-- Made from ${source} by the tests: npx vitest run test/docs -u -->`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

export function code(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
}
