import type { Command, CommanderError } from 'commander';
import { quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { isName } from '#domain/resolve/target.ts';
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

/** A flag that commander does not see as one. */
export function unknownFlag(flag: string, argv: readonly string[]): EcshError {
  const advice = adviceForFlag(flag, argv, 'shell');
  return new EcshError('usage', `Unknown option '${flag}'.`, {
    hint: [advice, 'See  ecsh --help'].filter((line) => line !== undefined).join('\n'),
  });
}

interface Problem {
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** commander's words, as sentences of ours. */
function problemOf(error: CommanderError, typed: TypedWords, command: string): Problem {
  const { program, argv, line } = typed;
  const named = commandIn(program, line.argv);
  switch (error.code) {
    case 'commander.help':
      return subcommandMissing(named);
    case 'commander.missingArgument':
      return argumentMissing(named);
    case 'commander.excessArguments':
      return tooManyArguments(named);
    case 'commander.unknownCommand':
      return unknownSubcommand(error, named);
    case 'commander.invalidArgument': {
      const choices = named.registeredArguments[0]?.argChoices;
      const [, value = ''] = /command-argument value '(.*)' is invalid/s.exec(error.message) ?? [];
      if (choices === undefined || value === '') break;
      return {
        message: `${pathOf(named)} does not know "${value}".`,
        suggestion: `Allowed choices are ${choices.join(', ')}.  ecsh ${pathOf(named)} ${choices[0]}`,
      };
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

/** The command, or subcommand, that the words name. */
function commandIn(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) {
    const child = command.commands.find(
      (one) => one.name() === word || one.aliases().includes(word),
    );
    if (child !== undefined) command = child;
  }
  return command;
}

/** `config set` */
function pathOf(command: Command): string {
  const parent = command.parent?.parent == null ? '' : `${pathOf(command.parent)} `;
  return `${parent}${command.name()}`;
}

function subcommandMissing(command: Command): Problem {
  const names = command.commands.map((child) => child.name());
  return {
    message: `${pathOf(command)} needs a subcommand: ${listed(names)}.`,
    suggestion: undefined,
  };
}

function argumentMissing(command: Command): Problem {
  const path = pathOf(command);
  const missing = command.registeredArguments.filter(({ required }) => required);
  const [first] = missing.slice(command.args.length);
  const choices = first?.argChoices;
  if (choices !== undefined) {
    const message = `${path} needs a ${first?.name()}: ${listed(choices)}.`;
    return { message, suggestion: undefined };
  }
  if (first?.variadic) {
    const [usage = ''] = command.usage().split('\n');
    const line = `ecsh ${path} ${usage.replace(/^\[options\] /, '')}`;
    return { message: `${path} needs more words.`, suggestion: `Type:  ${line}` };
  }
  const words = missing.map((argument) => argument.name().toUpperCase());
  return {
    message: `${path} needs ${first?.name().toUpperCase() ?? 'more words'}.`,
    suggestion: `Type:  ecsh ${path} ${words.join(' ')}`,
  };
}

function tooManyArguments(command: Command): Problem {
  const path = pathOf(command);
  const most = command.registeredArguments.length;
  const { args } = command;
  const [cluster = '', name = ''] = args;
  const isPlace = most === 1 && args.length === 2 && [cluster, name].every(isName);
  return {
    message: `Too many arguments for ${path}: it takes ${most}, not ${args.length}.`,
    suggestion: isPlace ? `Did you mean:  ecsh ${path} ${cluster}/${name}` : undefined,
  };
}

/** Subcommands by the names that they have elsewhere; the rest follows. */
const SUBCOMMANDS: Readonly<Record<string, string>> = {
  view: 'list',
  show: 'list',
  'get-contexts': 'target list',
  'use-context': 'set cluster',
  'set-context': 'set cluster',
  'current-context': 'get cluster',
  add: 'target add',
  save: 'target add',
  edit: 'path',
  remove: 'unset',
  rm: 'unset',
  delete: 'unset',
};

function unknownSubcommand(error: CommanderError, command: Command): Problem {
  const path = pathOf(command);
  const [, word = ''] = /'(.*?)'/s.exec(error.message) ?? [];
  const [, suggestion] = /\n\((.*)\)$/s.exec(error.message) ?? [];
  const names = command.commands.map((child) => child.name());
  const rest = command.args.slice(command.args.indexOf(word) + 1);
  const meant = path === 'config' ? SUBCOMMANDS[word] : undefined;
  // `logging prod`
  const isPlace = path === 'logging' && suggestion === undefined && isName(word);
  const words = isPlace ? ['show', word] : [meant ?? '', ...rest];
  return {
    message: `Unknown command '${word}'.`,
    suggestion:
      isPlace || meant !== undefined
        ? `Did you mean:  ecsh ${[path, ...words].join(' ')}`
        : (suggestion ?? `${path} has ${listed(names)}.`),
  };
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(names);
}

/** Failures that a word leads to which names no target. */
const NO_TARGET: readonly string[] = ['not-a-terminal', 'cluster-not-found', 'service-not-found'];

/** `ecsh -i ~/.ssh/key prod/web`: our `-i` takes no key, which is read as TARGET then. */
export function withoutKeyFile(error: EcshError, { argv, line }: TypedWords): EcshError {
  const { target = '' } = line;
  const at = argv.indexOf('-i');
  if (at === -1 || argv[at + 1] !== target || !/^[~./]|\.pem$/.test(target)) return error;
  const rest = argv.toSpliced(at, 2).map(quoteWord).join(' ');
  return new EcshError('usage', 'ECS Exec needs no key file; -i sends stdin.', {
    hint: `Leave it out:  ecsh ${rest}`,
    exitCode: error.exitCode,
    cause: error,
  });
}

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
