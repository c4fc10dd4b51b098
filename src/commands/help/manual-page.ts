import type { Command } from 'commander';
import type { App } from '#commands/app.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { HelpOptions } from './run-help.ts';
import { type Block, TOPICS, type TopicRow } from './topics.ts';

/** Prints the manual page, in the man macros of roff(7). */
export async function runManual(
  app: App,
  _reporter: Reporter,
  { program }: HelpOptions,
): Promise<number> {
  const lines = manualPage(program);
  // The first paragraph of a section needs no macro, and is to have none.
  const page = lines.filter((line, at) => line !== '.PP' || !lines[at - 1]?.startsWith('.SH'));
  app.stdout.write(`${page.join('\n')}\n`);
  return 0;
}

function manualPage(program: Command): readonly string[] {
  const commands = program.createHelp().visibleCommands(program);
  return [
    `.TH ECSH 1 "" "ecsh ${program.version() ?? ''}" "User Commands"`,
    // Words of a command line are neither broken nor spread.
    '.nh',
    '.ad l',
    '.SH NAME',
    text(`ecsh - ${program.description().replace(/\.$/, '')}`),
    '.SH SYNOPSIS',
    ...usageLines(program),
    '.SH OPTIONS',
    ...optionRows(program),
    '.SH COMMANDS',
    ...commands.flatMap(commandPart),
    '.SH EXAMPLES',
    ...literalLines(afterHelp(program)),
    ...TOPICS.flatMap(({ name, title, blocks }) => [
      `.SH ${name.toUpperCase().replace('-', ' ')}`,
      text(`This is ${title}.`),
      ...blocks.flatMap(blockLines),
    ]),
  ];
}

function commandPart(command: Command): readonly string[] {
  const commands = command.createHelp().visibleCommands(command);
  return [
    `.SS ${text(pathOf(command))}`,
    text(command.description()),
    ...usageLines(command),
    ...optionRows(command),
    ...literalLines(afterHelp(command)),
    // Not the help that commander gives every command of commands.
    ...commands.filter((nested) => nested.name() !== 'help').flatMap(commandPart),
  ];
}

/** `logging set`; empty for the program itself. */
function pathOf(command: Command): string {
  const { parent } = command;
  if (parent === null) return '';
  return `${pathOf(parent)} ${command.name()}`.trim();
}

function usageLines(command: Command): readonly string[] {
  const forms = command
    .usage()
    .split('\n')
    .map((line) => line.trim().replace(/^ecsh /, ''));
  return forms.flatMap((form) => [
    '.PP',
    text(`ecsh ${pathOf(command)} ${form}`.replace('  ', ' ')),
  ]);
}

function optionRows(command: Command): readonly string[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help');
  return rowLines(
    options.map((option): TopicRow => [help.optionTerm(option), help.optionDescription(option)]),
  );
}

function blockLines(block: Block): readonly string[] {
  return 'text' in block ? ['.PP', text(block.text)] : rowLines(block.rows);
}

function rowLines(rows: readonly TopicRow[]): readonly string[] {
  return rows.flatMap(([term, meaning]) => ['.TP', `.B ${text(term)}`, text(meaning)]);
}

/** The text that `addHelpText` adds to a command's help, which commander only prints. */
function afterHelp(command: Command): string {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => parts.push(part) }).outputHelp();
  return parts.join('').slice(command.helpInformation().length).trim();
}

/** Examples, printed unchanged. */
function literalLines(lines: string): readonly string[] {
  return lines === '' ? [] : ['.PP', '.nf', ...lines.split('\n').map(text), '.fi'];
}

/** Characters that roff would interpret: backslashes, minus signs, leading dots and quotes. */
function text(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('"', '\\(dq')
    .replaceAll('…', '...')
    .replace(/^(?=[.'])/, '\\&');
}
