import type { ToolSupport } from '#ssh/tools/ssh-tools.ts';
import { renderTable } from '#ui/table.ts';

const COLUMNS = [
  { title: 'TOOL', priority: 0 },
  { title: 'WORKS', priority: 0 },
  { title: 'WHY', priority: 1, minimum: 20 },
];

/** The table of `doctor --ssh`, as lines; a sentence if the container could not be asked. */
export function toolsText(tools: readonly ToolSupport[] | null, width: number): string {
  if (tools === null) return '\nTools over ssh: unknown, because no session could be opened.\n';
  const rows = tools.map(({ tool, works, missing, note }) => [
    tool,
    works ? 'yes' : 'no',
    whyOf(missing, note),
  ]);
  const lines = renderTable({ columns: COLUMNS, rows, hasTitles: true }, width);
  return `\n${lines.join('\n')}\n`;
}

function whyOf(missing: readonly string[], note: string | null): string {
  const lacks = missing.length === 0 ? [] : [`the image has no ${missing.join(', ')}`];
  return [...lacks, ...(note === null ? [] : [note])].join('; ');
}
