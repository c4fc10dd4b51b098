import type { Command, CommanderError } from 'commander';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { isName } from '#domain/resolve/target.ts';
import type { CommandLine } from './command-line.ts';
import { isKind } from './habits/foreign-commands.ts';
import { adviceForFlag } from './habits/foreign-flags.ts';

/** The failed run, as typed and as parsed. */
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

/** commander's messages, as sentences of ecsh. */
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
  const [usage = ''] = command
    .usage()
    .replace(/^\[options\] /, '')
    .split('\n');
  // Its own words, not those that commander builds from the arguments.
  if (first?.variadic && !usage.includes('<')) {
    return {
      message: `${path} needs more words.`,
      suggestion: `Type:  ecsh ${path} ${usage}`,
    };
  }
  const words = missing.map((argument) =>
    [argument.name().toUpperCase(), argument.variadic ? '...' : ''].join(''),
  );
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
  const subcommand = SUBCOMMANDS[path]?.[cluster];
  if (subcommand !== undefined) {
    return {
      message: `Unknown command '${cluster}'.`,
      suggestion: `Did you mean:  ${ecshCommand([path, subcommand, ...args.slice(1)])}`,
    };
  }
  const isPair = most === 1 && args.length === 2;
  // `describe service prod/web`, `describe prod web`
  const meant = isKind(cluster) ? name : `${cluster}/${name}`;
  const isMeant = isPair && (isKind(cluster) || [cluster, name].every(isName));
  return {
    message: `Too many arguments for ${path}: it takes ${most}, not ${args.length}.`,
    suggestion: isMeant ? `Did you mean:  ${ecshCommand([...path.split(' '), meant])}` : undefined,
  };
}

/** Subcommands by the names that they have elsewhere, with what follows: of `logging` the value of `--mode`. */
const SUBCOMMANDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  config: {
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
  },
  logging: { off: 'none', disable: 'none', none: 'none', on: 'default', enable: 'default' },
  sessions: { kill: 'end', stop: 'end', terminate: 'end', rm: 'end', list: 'ls' },
};

function unknownSubcommand(error: CommanderError, command: Command): Problem {
  const path = pathOf(command);
  const [, word = ''] = /'(.*?)'/s.exec(error.message) ?? [];
  const [, suggestion] = /\n\((.*)\)$/s.exec(error.message) ?? [];
  const names = command.commands.map((child) => child.name());
  const rest = command.args.slice(command.args.indexOf(word) + 1);
  const meant = meantSubcommand(path, word, rest);
  // `logging prod`
  const isPlace = path === 'logging' && suggestion === undefined && isName(word);
  const words = meant ?? (isPlace ? ['show', word] : undefined);
  return {
    message: `Unknown command '${word}'.`,
    suggestion:
      words === undefined
        ? (suggestion ?? `${path} has ${listed(names)}.`)
        : `Did you mean:  ${ecshCommand([...path.split(' '), ...words])}`,
  };
}

function meantSubcommand(path: string, word: string, rest: readonly string[]) {
  const meant = SUBCOMMANDS[path]?.[word];
  if (meant === undefined) return undefined;
  if (path === 'logging') return ['set', rest[0] ?? 'CLUSTER', '--mode', meant];
  return [...meant.split(' '), ...rest];
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(names);
}
