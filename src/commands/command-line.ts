import type { Command, Option } from 'commander';

/** The command line in the one form that commander then reads. */
export interface CommandLine {
  /** Undefined: only flags, such as `--help`. */
  readonly command: string | undefined;
  /** COMMAND, our flags, TARGET and other words; the remote command follows `--`. */
  readonly argv: readonly string[];
  /** The first word when it names no command: TARGET, or a command that does not exist. */
  readonly target?: string | undefined;
  /** No word names a command. */
  readonly isDefault?: boolean;
}

/** Separates our words from those of the remote command. */
export interface Vocabulary {
  /** Name, or the words that an alias expands to; undefined: no command. */
  readonly commandOf: (word: string) => readonly string[] | undefined;
  /** Everything after TARGET is a command line, as with ssh and docker. */
  readonly takesCommandLine: (command: string) => boolean;
  /** The flags that are allowed there; a value may follow. */
  readonly flagsOf: (command: string) => readonly Option[];
}

const DEFAULT_COMMAND = 'shell';
/** Runs `ecsh TARGET COMMAND…`. */
const ONE_COMMAND = 'exec';
const NO_TERMINAL: readonly string[] = ['-T', '--no-tty'];
/** Flags for which no command runs. */
const ABOUT_US: readonly string[] = ['-h', '--help', '-V', '--version'];

/**
 * Reads words as ssh and docker do (`ecsh help targets`): the first word that is no flag is a command
 * or TARGET. Flags may stand before TARGET and right after it; the first other word, or `--`, begins
 * the remote command, which takes everything that follows.
 */
export function readCommandLine(argv: readonly string[], vocabulary: Vocabulary): CommandLine {
  const before = takeFlags(argv, vocabulary.flagsOf(DEFAULT_COMMAND));
  const [word, ...rest] = argv.slice(before.length);
  const named = word === undefined ? undefined : vocabulary.commandOf(word);
  if (named === undefined) return withoutCommand(before, argv.slice(before.length), vocabulary);
  const [command = '', ...words] = named;
  if (command.startsWith('-')) return { command: undefined, argv: [command] };
  if (!vocabulary.takesCommandLine(command)) {
    const flags = vocabulary.flagsOf(command);
    return { command, argv: [command, ...before, ...words, ...separated(rest, flags)] };
  }
  return withRemoteWords(command, before, rest, vocabulary);
}

/** Whether everything after TARGET is a command line: its arguments are `target` and `command...`. */
export function isBeforeCommandLine(command: Command): boolean {
  const [target, words] = command.registeredArguments;
  return target?.name() === 'target' && words?.name() === 'command';
}

/** The first word that is neither a flag nor a value of one. */
export function firstWord(argv: readonly string[], options: readonly Option[]): string | undefined {
  const word = argv[takeFlags(argv, options).length];
  return word === '--' ? undefined : word;
}

/** The flags that `argv` begins with, and their values. */
function takeFlags(argv: readonly string[], options: readonly Option[]): readonly string[] {
  let at = 0;
  for (let word = argv[at]; word !== undefined && isFlag(word); word = argv[at]) {
    at += takesNextWord(word, options, argv[at + 1]) ? 2 : 1;
  }
  return argv.slice(0, at);
}

/** `-av` as `-a -v`: commander does not split it if the command has one flag and the program the other. */
function separated(words: readonly string[], options: readonly Option[]): readonly string[] {
  const end = words.indexOf('--');
  return words.flatMap((word, index) => {
    if (!/^-[a-z]{2,}$/i.test(word) || (end !== -1 && index > end)) return word;
    const flags = [...word.slice(1)].map((letter) => `-${letter}`);
    const areSwitches = flags.every((flag) =>
      options.some(({ short, required, optional }) => short === flag && !required && !optional),
    );
    return areSwitches ? flags : word;
  });
}

/** A `-` alone is the last target. */
function isFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-' && word !== '--';
}

/**
 * Flags of ssh, kubectl and the AWS CLI with a value, which is not TARGET: ecsh refuses the flag then, and
 * not its value. `ls`, `logs` and others know some of them.
 */
const FOREIGN_WITH_VALUE =
  /^(-[BbDEFIJLlmnOopQRSW]|--(namespace|context|output|task|service|command))$/;

function takesNextWord(
  word: string,
  options: readonly Option[],
  next: string | undefined,
): boolean {
  const isOurs = options.some(({ long, short }) => long === word || short === word);
  if (!isOurs && FOREIGN_WITH_VALUE.test(word)) {
    // ssh -n has no value: `ecsh -n prod/web ls`.
    return next !== undefined && !(word === '-n' && next.includes('/'));
  }
  if (word.startsWith('--')) return options.some(({ long, required }) => long === word && required);
  // `-it`, `-C`, `-Cprod`: the first letter that takes a value takes the rest of the word, if any.
  const letters = [...word.slice(1)];
  const at = letters.findIndex((letter) =>
    options.some(({ short, required }) => short === `-${letter}` && required),
  );
  return at !== -1 && at === letters.length - 1;
}

function withoutCommand(
  before: readonly string[],
  rest: readonly string[],
  vocabulary: Vocabulary,
): CommandLine {
  const [first] = rest;
  if (first === undefined && before.some((word) => ABOUT_US.includes(word))) {
    return { command: undefined, argv: before };
  }
  // Only `--pick` leaves TARGET out.
  const words = first === '--' && !before.includes('--pick') ? rest.slice(1) : rest;
  const line = withRemoteWords(DEFAULT_COMMAND, before, words, vocabulary);
  return { ...line, target: words[0], isDefault: true };
}

/** `[FLAGS] [TARGET] [FLAGS] [--] [COMMAND…]` */
function withRemoteWords(
  command: string,
  before: readonly string[],
  words: readonly string[],
  vocabulary: Vocabulary,
): CommandLine {
  const options = vocabulary.flagsOf(command);
  const front = takeFlags(words, options);
  const [target, ...others] = words.slice(front.length);
  const hasTarget = target !== undefined && target !== '--';
  const trailing = hasTarget ? takeFlags(others, options) : [];
  const left = hasTarget ? others.slice(trailing.length) : words.slice(front.length);
  const remote = left[0] === '--' ? left.slice(1) : left;
  const flags = [...before, ...front, ...trailing];
  const ours = hasTarget ? [...flags, target] : flags;
  if (command === DEFAULT_COMMAND) return likeSsh(ours, flags, remote);
  return { command, argv: [command, ...ours, ...(left.length > 0 ? ['--', ...remote] : [])] };
}

/** A shell, or a command without a terminal unless `-t` asks for one, as with ssh. */
function likeSsh(
  ours: readonly string[],
  flags: readonly string[],
  remote: readonly string[],
): CommandLine {
  const hasScript = flags.some((word) => word === '--sh' || word.startsWith('--sh='));
  if (remote.length === 0 && !hasScript) {
    // ssh -T: a shell that reads stdin.
    if (!flags.some((word) => NO_TERMINAL.includes(word)))
      return { command: DEFAULT_COMMAND, argv: [DEFAULT_COMMAND, ...ours] };
    return { command: ONE_COMMAND, argv: [ONE_COMMAND, '--like-ssh', ...ours, '--', 'sh'] };
  }
  return { command: ONE_COMMAND, argv: [ONE_COMMAND, '--like-ssh', ...ours, '--', ...remote] };
}
