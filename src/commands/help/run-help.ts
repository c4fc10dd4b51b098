import { type Command, Help } from 'commander';
import type { App } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorEntry } from '#domain/errors/table/error-entry.ts';
import { errorEntry } from '#domain/errors/table/error-table.ts';
import { suggestNames } from '#domain/resolve/suggestion.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type Block, TOPICS, type Topic, type TopicRow } from './topics.ts';

export interface HelpOptions extends SharedOptions {
  /** A command and its subcommands, a topic, or an error code. Empty for an overview of all commands. */
  readonly words: readonly string[];
  readonly program: Command;
}

/** Columns. Longer lines are harder to read, even on a wide terminal. */
const MAX_WIDTH = 80;
const INDENT = 2;
const wrapper = new Help();
// By default commander does not wrap text to fewer than 40 columns.
wrapper.minWidthToWrap = 20;

/** With fewer columns beside the term, its meaning goes below it. */
const MIN_MEANING_WIDTH = 40;
/** A longer term gets its own line (columns). */
const LONGEST_TERM = 22;

/** @throws EcshError `usage` if there is no such command, topic or error code */
export async function runHelp(
  app: App,
  _reporter: Reporter,
  { words, program }: HelpOptions,
): Promise<number> {
  const [word = ''] = words;
  const topic = words.length === 1 ? TOPICS.find(({ name }) => name === word) : undefined;
  const error =
    words.length === 1 ? errorEntry(word.toLowerCase().replace(/^\[|\]$/g, '')) : undefined;
  const width = Math.min(app.stdout.columns ?? MAX_WIDTH, MAX_WIDTH);
  if (topic !== undefined) app.stdout.write(topicText(topic, width));
  else if (error !== undefined) app.stdout.write(errorText(word.toLowerCase(), error, width));
  else findCommand(program, words).outputHelp();
  return 0;
}

function findCommand(program: Command, words: readonly string[]): Command {
  return words.reduce((parent, word) => {
    const commands = parent.createHelp().visibleCommands(parent);
    const found = commands.find(
      (command) => command.name() === word || command.aliases().includes(word),
    );
    if (found !== undefined) return found;
    // In `ecsh help ls services`, `services` is an argument of `ls`: show the help of `ls`.
    if (parent !== program && commands.length === 0) return parent;
    const topics = parent === program ? TOPICS.map(({ name }) => name) : [];
    throw noHelpFor(words, word, [...commands.map((command) => command.name()), ...topics]);
  }, program);
}

function noHelpFor(words: readonly string[], word: string, names: readonly string[]): EcshError {
  const [nearest] = suggestNames(word, names);
  const hint =
    nearest === undefined
      ? `Help is available for: ${names.join(', ')}`
      : `Did you mean ${nearest}?`;
  return new EcshError('usage', `There is no help for "${words.join(' ')}".`, { hint });
}

function errorText(code: string, { cause, remedy }: ErrorEntry, width: number): string {
  const lines = [`${code}: ${cause}`, `What to do: ${remedy}`, 'All codes: docs/errors.md'];
  return `${lines.map((line) => wrapper.boxWrap(line, width)).join('\n')}\n`;
}

function topicText({ name, title, blocks }: Topic, width: number): string {
  const texts = blocks.map((block) => blockText(block, width));
  return `${[wrapper.boxWrap(`${name}: ${title}`, width), ...texts].join('\n\n')}\n`;
}

function blockText(block: Block, columns: number): string {
  if ('text' in block) return wrapper.boxWrap(block.text, columns);
  const terms = block.rows.map(([term]) => term.length);
  const width = Math.min(LONGEST_TERM, Math.max(...terms));
  return block.rows.map((row) => rowText(row, width, columns)).join('\n');
}

function rowText([term, meaning]: TopicRow, termWidth: number, columns: number): string {
  // On a narrow terminal the meaning goes below its term.
  const width = columns - termWidth < MIN_MEANING_WIDTH ? INDENT : termWidth;
  const left = INDENT + width + INDENT;
  const lines = wrapper.boxWrap(meaning, columns - left).split('\n');
  const indented = lines.map((line) => ' '.repeat(left) + line);
  const head = ' '.repeat(INDENT) + term;
  if (term.length > width) return [head, ...indented].join('\n');
  return indented.join('\n').replace(' '.repeat(left), head.padEnd(left));
}
