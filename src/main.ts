import { Command, Help } from 'commander';
import type { App } from '#commands/app.ts';
import { type CommandLine, firstWord, readCommandLine } from '#commands/command-line.ts';
import {
  addDefaultCommands,
  addNamedCommand,
  commandNamed,
  vocabularyOf,
} from '#commands/command-table.ts';
import { Invocation } from '#commands/invocation.ts';
import { PLUGIN_WORD } from '#commands/plugin/plugin-word.ts';
import { addSharedOptions, plainFlags } from '#commands/shared-options.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { VERSION } from './version.ts';

/** Longer lines are harder to read, and bin/ecsh.js has the help in this width. */
const HELP_WIDTH = 80;
/** The minimum columns of a description next to its term. */
const NARROWEST = 40;

/**
 * One run of the program.
 *
 * @param argv the arguments after the program's name
 * @returns the exit status
 */
export async function main(argv: readonly string[], app: App): Promise<number> {
  const [word, ...rest] = argv;
  if (word === PLUGIN_WORD) return runAsPlugin(app, rest);
  const invocation = new Invocation(app);
  const program = createProgram(app);
  let line: CommandLine = { command: undefined, argv };
  try {
    line = await readWords(argv, program, invocation);
    invocation.begin(line.argv);
    const number = argv.find(
      (each) => each === '--' || !each.startsWith('-') || /^-\d$/.test(each),
    );
    if (number !== undefined && /^-\d$/.test(number)) await refuseNumber(number, argv);
    if (line.target !== undefined) await refuseUnknownCommand(argv, line.target, app);
    await program.parseAsync(plainFlags(line.argv), { from: 'user' });
    return (await invocation.status) ?? ExitStatus.ok;
  } catch (error) {
    const { reportFailure } = await import('#commands/failed-run.ts');
    return await reportFailure(error, { app, program, line, argv, invocation });
  } finally {
    await invocation.close();
  }
}

async function runAsPlugin(app: App, words: readonly string[]): Promise<number> {
  const { runSessionManagerPlugin } = await import(
    '#commands/plugin/run-session-manager-plugin.ts'
  );
  return runSessionManagerPlugin(app, words);
}

/** The exit status when output was lost after `main` had returned. */
export async function lostOutputStatus(argv: readonly string[]): Promise<number> {
  const { ownStatus } = await import('#commands/own-status.ts');
  const word = firstWord(argv, addSharedOptions(new Command()).options) ?? '';
  return ownStatus('output-lost', commandNamed(word));
}

/** Adds the commands that the arguments name, and parses the arguments. */
async function readWords(
  argv: readonly string[],
  program: Command,
  invocation: Invocation,
): Promise<CommandLine> {
  await addDefaultCommands(program, invocation);
  const vocabulary = vocabularyOf(program);
  const word = firstWord(argv, vocabulary.flagsOf('shell'));
  const command = word === undefined ? undefined : commandNamed(word);
  const isHelp = word === undefined && argv.some((each) => each === '--help' || each === '-h');
  if (command !== undefined || isHelp) await addNamedCommand(program, invocation, command);
  return readCommandLine(argv, vocabulary);
}

/** `ssh -4`: commander would treat a number as TARGET. */
async function refuseNumber(flag: string, argv: readonly string[]): Promise<void> {
  const { unknownFlag } = await import('#commands/usage-failure.ts');
  throw unknownFlag(flag, argv);
}

/** Suggests only for a word that could be a command. */
async function refuseUnknownCommand(
  argv: readonly string[],
  word: string,
  app: App,
): Promise<void> {
  if (!/^[a-z][\w-]*$/i.test(word)) return;
  const { assertMayBeTarget } = await import('#commands/habits/unknown-command.ts');
  await assertMayBeTarget(word, argv, app);
}

/** Next to its term, or below it if the terminal is too narrow. */
function formatHelpItem(term: string, termWidth: number, text: string, helper: Help): string {
  const width = helper.helpWidth ?? HELP_WIDTH;
  if (text === '' || width - termWidth >= NARROWEST) {
    return new Help().formatItem.call(helper, term, termWidth, text, helper);
  }
  const indent = ' '.repeat(6);
  const lines = helper.boxWrap(text, width - indent.length).split('\n');
  return [`  ${term}`, ...lines.map((line) => `${indent}${line}`)].join('\n');
}

function createProgram(app: App): Command {
  const program = new Command('ecsh')
    .description('ssh for ECS tasks: shells and one-off commands over ECS Exec.')
    .usage('[options] [TARGET [COMMAND [ARG...]]]\n       ecsh [options] COMMAND …')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({
      minWidthToWrap: 12,
      formatItem: formatHelpItem,
      subcommandTerm: (command) => command.name(),
      // Without the aliases.
      commandUsage: (command) => `${pathOf(command)} ${command.usage()}`,
      // As plainFlags rewrites it.
      optionTerm: ({ long, flags }) => (long === '--debug' ? '--debug[=file]' : flags),
      optionDescription: (option) =>
        new Help().optionDescription(option).replace(' (default: none)', ''),
    })
    .configureOutput({
      writeOut: (text) => app.stdout.write(text),
      getOutHelpWidth: () => Math.min(app.stdout.columns ?? HELP_WIDTH, HELP_WIDTH),
      // main reports it, with more context; so does help that was not requested.
      writeErr: () => undefined,
      outputError: () => undefined,
    })
    .helpCommand(false)
    .exitOverride()
    .addHelpText('afterAll', ({ command }) =>
      command.parent === null ? '' : '\nFlags of every command:  ecsh --help',
    );
  return addSharedOptions(program);
}

/** `ecsh logging set` */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}
