import type { Command, Option } from 'commander';
import { isBeforeCommandLine } from '#commands/command-line.ts';

/** One thing that can be typed. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** The source of candidates, by what is expected at the cursor. */
export type CandidateSource =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  /** As help calls it, or the flag whose value is the `<name>` of something. */
  | { readonly kind: 'argument'; readonly name: string };

export interface Position {
  readonly sources: readonly CandidateSource[];
  /** The word being typed, without `--flag=`. */
  readonly typed: string;
  /** `--flag=`, to be repeated before every candidate. */
  readonly prefix: string;
  /** Values of the flags before the cursor, by attribute name. */
  readonly flags: Readonly<Record<string, string>>;
  /** The first word that is neither a command nor a flag. */
  readonly target: string | undefined;
}

/**
 * The completions expected for the last of `words`, read from the same declarations that parse a command
 * line.
 */
export function positionIn(program: Command, words: readonly string[]): Position {
  const typed = words.at(-1) ?? '';
  const walk = new Walk(program);
  for (const word of words.slice(0, -1)) walk.pass(word);
  return walk.at(typed);
}

/** The commands of a command that help shows. */
export function commandCandidates(parent: Command): readonly Candidate[] {
  const commands = parent.createHelp().visibleCommands(parent);
  return commands.map((command) => ({
    value: command.name(),
    description: command.summary() || command.description(),
  }));
}

class Walk {
  #command: Command;
  readonly #program: Command;
  readonly #flags: Record<string, string> = {};
  readonly #arguments: string[] = [];
  /** A flag whose value follows. */
  #pending: Option | undefined;
  /** A remote command follows, about which we know nothing. */
  #isRemote = false;

  constructor(program: Command) {
    this.#program = program;
    this.#command = program;
  }

  pass(word: string): void {
    if (word === '--' && this.#pending === undefined) this.#isRemote = true;
    if (this.#isRemote) return;
    if (this.#pending !== undefined) {
      this.#flags[this.#pending.attributeName()] = word;
      this.#pending = undefined;
    } else if (word.startsWith('--')) {
      this.#passFlag(word);
    } else if (/^-./.test(word)) {
      this.#passShortFlags(word);
    } else {
      this.#passArgument(word);
    }
  }

  at(typed: string): Position {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
    const rest = { flags: this.#flags, target: this.#arguments[0], typed, prefix: '' };
    if (this.#isRemote) return { ...rest, sources: [] };
    if (this.#pending !== undefined) return { ...rest, sources: valuesOf(this.#pending) };
    if (flag !== undefined && value !== undefined) {
      const option = this.#options.find(({ long }) => long === flag);
      const sources = option === undefined ? [] : valuesOf(option);
      return { ...rest, sources, typed: value, prefix: `${flag}=` };
    }
    if (typed.startsWith('-') && typed !== '-') return { ...rest, sources: [this.#flagNames()] };
    return { ...rest, sources: [...this.#commandNames(), ...this.#argument()] };
  }

  #passFlag(word: string): void {
    const [name = '', ...rest] = word.split('=');
    const option = this.#options.find(({ long }) => long === name);
    if (option === undefined) return;
    if (rest.length > 0) this.#flags[option.attributeName()] = rest.join('=');
    // An optional value follows "=" only.
    else if (option.required) this.#pending = option;
  }

  /** `-q`, `-qv`, `-C`, or `-Cprod`: the rest of the word is the value of the one that takes any. */
  #passShortFlags(word: string): void {
    for (const [index, letter] of [...word].entries()) {
      const option = this.#options.find(({ short }) => short === `-${letter}`);
      if (!option?.required) continue;
      const value = word.slice(index + 1);
      if (value === '') this.#pending = option;
      else this.#flags[option.attributeName()] = value;
      return;
    }
  }

  #passArgument(word: string): void {
    const command = this.#command.commands.find(
      (sub) => sub.name() === word || sub.aliases().includes(word),
    );
    if (this.#arguments.length === 0 && command !== undefined) this.#command = command;
    else this.#arguments.push(word);
    if (this.#arguments.length > 1 && isBeforeCommandLine(this.#reader)) this.#isRemote = true;
  }

  /** Options of the command and of all above it. */
  get #options(): readonly Option[] {
    const help = this.#program.createHelp();
    const own = help.visibleOptions(this.#reader);
    return this.#reader === this.#program ? own : [...own, ...this.#program.options];
  }

  /** Without a command, arguments are those of the default one: `shell`, and `ls` of `sessions`. */
  get #reader(): Command {
    const name = this.#command === this.#program ? 'shell' : 'ls';
    return this.#command.commands.find((command) => command.name() === name) ?? this.#command;
  }

  #flagNames(): CandidateSource {
    const candidates = this.#options.flatMap(({ long, description }) =>
      long === undefined || long === null ? [] : [{ value: long, description }],
    );
    return { kind: 'words', candidates };
  }

  #commandNames(): readonly CandidateSource[] {
    if (this.#arguments.length > 0) return [];
    const candidates = commandCandidates(this.#command);
    return candidates.length === 0 ? [] : [{ kind: 'words', candidates }];
  }

  #argument(): readonly CandidateSource[] {
    const declared = this.#reader.registeredArguments;
    const argument = declared[this.#arguments.length] ?? declared.at(-1);
    if (argument === undefined) return [];
    if (this.#arguments.length >= declared.length && !argument.variadic) return [];
    return sourcesOf(argument.name(), argument.argChoices);
  }
}

/** A value that is one of a few, or one that only the outside knows. */
function valuesOf(option: Option): readonly CandidateSource[] {
  const [, name = ''] = /<([^>]+)>/.exec(option.flags) ?? [];
  return sourcesOf(name === 'name' ? `--${option.attributeName()}` : name, option.argChoices);
}

function sourcesOf(
  name: string,
  choices: readonly string[] | undefined,
): readonly CandidateSource[] {
  if (choices === undefined) return [{ kind: 'argument', name }];
  return [{ kind: 'words', candidates: choices.map((value) => ({ value, description: '' })) }];
}
