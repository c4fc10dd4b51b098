import type { Command, CommanderError } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import { editDistance } from '#domain/resolve/suggestion.ts';
import { COMMAND_NAMES } from './command-table.ts';

/** Of words that name no command. */
const DEFAULT_COMMAND = 'shell';

/** What commander refused, told as every failure is. */
export function usageFailure(
  error: CommanderError,
  program: Command,
  command = DEFAULT_COMMAND,
): EcshError {
  const [word = ''] = program.args;
  const meant = word === command ? undefined : nearestCommand(word);
  if (meant !== undefined) {
    const hint = `Did you mean ${meant}?\nSee  ecsh --help`;
    return new EcshError('usage', `There is no command '${word}'.`, { hint });
  }
  const { message, suggestion } = problemOf(error, program, command);
  const help = `See  ecsh ${command === DEFAULT_COMMAND ? '' : `${command} `}--help`;
  const hint = suggestion === undefined ? help : `${suggestion}\n${help}`;
  return new EcshError('usage', message, { hint });
}

/** commander's words, as sentences of ours. */
function problemOf(error: CommanderError, program: Command, command: string) {
  if (error.code === 'commander.help') {
    const parent = program.commands.find((other) => other.name() === command);
    const names = parent?.commands.map((child) => child.name()).join(', ');
    return { message: `What ${command} shall do is missing.`, suggestion: `There are: ${names}` };
  }
  if (error.code === 'commander.excessArguments' && command === DEFAULT_COMMAND) {
    const suggestion = 'To run one:  ecsh exec TARGET -- COMMAND';
    return { message: 'A shell takes no command.', suggestion };
  }
  const [text = '', suggestion] = error.message.replace(/^error: /, '').split(/\n\((.*)\)$/);
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return { message: sentence.replace(/\.?$/, '.'), suggestion };
}

/** Why a word that is a misspelt command leads to no shell. */
const WITHOUT_SHELL: readonly string[] = [
  'not-a-terminal',
  'cluster-not-found',
  'service-not-found',
];

/** A word alone that is nearly a command may be one: `ecsh conifg`. */
export function withMeantCommand(
  error: EcshError,
  program: Command,
  command = DEFAULT_COMMAND,
): EcshError {
  const { code, message, hint, exitCode, cause } = error;
  const [word = '', ...others] = program.args;
  const isAlone = command === DEFAULT_COMMAND && others.length === 0;
  const meant = isAlone && WITHOUT_SHELL.includes(code) ? nearestCommand(word) : undefined;
  if (meant === undefined || meant === word) return error;
  const question = `Did you mean the command ${meant}?  ecsh ${meant} --help`;
  return new EcshError(code, message, {
    exitCode,
    cause,
    hint: [question, hint].filter(Boolean).join('\n'),
  });
}

/** What runs is the shell when the first word is no command: a slip of the finger, perhaps. */
function nearestCommand(word: string): string | undefined {
  const names = COMMAND_NAMES.filter((name) => !name.startsWith('__'));
  const limit = Math.max(1, Math.floor(word.length / 3));
  return names
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}
