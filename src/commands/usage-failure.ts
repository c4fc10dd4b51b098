import type { Command, CommanderError } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import type { CommandLine } from './command-line.ts';
import { adviceForFlag } from './foreign-flags.ts';
import { adviceFor } from './unknown-command.ts';

/** The run that failed, as it was typed and as it was read. */
export interface TypedWords {
  readonly program: Command;
  readonly argv: readonly string[];
  readonly line: CommandLine;
}

/** commander's refusal of some words, in our form. */
export function usageFailure(error: CommanderError, typed: TypedWords): EcshError {
  const command = typed.line.command ?? 'shell';
  const { message, suggestion } = problemOf(error, typed, command);
  const help = `See  ecsh ${typed.line.isDefault ? '' : `${command} `}--help`;
  const hint = suggestion === undefined ? help : `${suggestion}\n${help}`;
  return new EcshError('usage', message, { hint });
}

interface Problem {
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** commander's words, as sentences of ours. */
function problemOf(error: CommanderError, { program, argv }: TypedWords, command: string): Problem {
  const named = program.commands.find((other) => other.name() === command);
  if (error.code === 'commander.help') {
    const names = named?.commands.map((child) => child.name()) ?? [];
    const message = `${command} needs a subcommand: ${listed(names)}.`;
    return { message, suggestion: undefined };
  }
  if (error.code === 'commander.missingArgument') {
    const argument = named?.registeredArguments.find(({ required }) => required);
    const choices = argument?.argChoices;
    if (choices !== undefined) {
      const message = `${command} needs a ${argument?.name()}: ${listed(choices)}.`;
      return { message, suggestion: undefined };
    }
  }
  const [text = '', suggestion] = error.message.replace(/^error: /, '').split(/\n\((.*)\)$/);
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  const message = sentence.replace(/\.?$/, '.');
  if (error.code !== 'commander.unknownOption') return { message, suggestion };
  const [, flag = ''] = /'([^']+)'/.exec(text) ?? [];
  return {
    message,
    suggestion: adviceForFlag(flag, argv, command) ?? ofExec(flag, program, command) ?? suggestion,
  };
}

/** `ecsh --timeout 5 TARGET`: a flag that a command needs to go with. */
function ofExec(flag: string, program: Command, command: string): string | undefined {
  if (command !== 'shell') return undefined;
  const options = program.commands.find((other) => other.name() === 'exec')?.options ?? [];
  const name = flag.split('=')[0];
  if (!options.some(({ long, short }) => long === name || short === name)) return undefined;
  return `${name} is for a command:  ecsh ${name} … TARGET COMMAND`;
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(names);
}

/** Failures that a word leads to which names no target. */
const NO_TARGET: readonly string[] = ['not-a-terminal', 'cluster-not-found', 'service-not-found'];

/** Adds what command was meant, for a first word that turned out to be no TARGET: `ecsh conifg`. */
export function withMeantCommand(error: EcshError, { argv, line }: TypedWords): EcshError {
  const { code, message, hint, exitCode, cause } = error;
  const { target } = line;
  if (target === undefined || !NO_TARGET.includes(code)) return error;
  const advice = adviceFor(target, argv.slice(argv.indexOf(target) + 1));
  if (advice === undefined) return error;
  if (code === 'not-a-terminal') {
    return new EcshError('usage', `There is no command ${target}.`, { hint: advice });
  }
  const question = `There is no command ${target} either. ${advice}`;
  return new EcshError(code, message, {
    exitCode,
    cause,
    hint: [question, hint].filter(Boolean).join('\n'),
  });
}
