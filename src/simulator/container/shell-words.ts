export type ShellWordsErrorReason = 'closing-quote' | 'escape-character';

/** The agent's error messages, which reach the client in `channel_closed` (PROTOCOL 4.9). */
const ERROR_TEXTS: Readonly<Record<ShellWordsErrorReason, string>> = {
  'closing-quote': 'EOF found when expecting closing quote',
  'escape-character': 'EOF found after escape character',
};

/** The command string ends inside a quote or after a backslash. */
export class ShellWordsError extends Error {
  override readonly name = 'ShellWordsError';
  readonly reason: ShellWordsErrorReason;

  constructor(reason: ShellWordsErrorReason) {
    super(ERROR_TEXTS[reason]);
    this.reason = reason;
  }
}

type State = 'between' | 'word' | 'escaped' | 'single' | 'double' | 'escaped-double' | 'comment';

/**
 * Splits a command string like the agent in container mode (PROTOCOL 8.3): like a shell, but inside double quotes
 * a backslash is always removed, and the next character is literal.
 *
 * @throws ShellWordsError for an open quote or a trailing backslash.
 */
export function splitShellWords(command: string): string[] {
  const words: string[] = [];
  let state: State = 'between';
  let word = '';
  for (const char of command) {
    const step: Step = STEPS[state](char);
    if (step.keep) word += char;
    if (step.state === 'between' && state === 'word') {
      words.push(word);
      word = '';
    }
    state = step.state;
  }
  if (state === 'single' || state === 'double') throw new ShellWordsError('closing-quote');
  if (state === 'escaped' || state === 'escaped-double') {
    throw new ShellWordsError('escape-character');
  }
  if (state === 'word') words.push(word);
  return words;
}

interface Step {
  readonly state: State;
  readonly keep?: boolean;
}

/** The effect of a character in each state. */
const STEPS: Readonly<Record<State, (char: string) => Step>> = {
  between: (char) => {
    if (isBlank(char)) return { state: 'between' };
    if (char === '#') return { state: 'comment' };
    return startOrContinue(char);
  },
  word: (char) => (isBlank(char) ? { state: 'between' } : startOrContinue(char)),
  escaped: () => ({ state: 'word', keep: true }),
  single: (char) => (char === "'" ? { state: 'word' } : { state: 'single', keep: true }),
  double: (char) => {
    if (char === '"') return { state: 'word' };
    if (char === '\\') return { state: 'escaped-double' };
    return { state: 'double', keep: true };
  },
  'escaped-double': () => ({ state: 'double', keep: true }),
  comment: (char) => ({ state: char === '\n' ? 'between' : 'comment' }),
};

function startOrContinue(char: string): Step {
  if (char === "'") return { state: 'single' };
  if (char === '"') return { state: 'double' };
  if (char === '\\') return { state: 'escaped' };
  return { state: 'word', keep: true };
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}
