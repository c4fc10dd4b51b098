/** The most common forms of `ecsh exec`, which need no table of flags to parse. */
export interface QuickCommand {
  readonly target: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly user: string | undefined;
  readonly hasStdin: boolean;
  readonly isQuiet: boolean;
}

const SWITCHES: Readonly<Record<string, 'stdin' | 'quiet' | 'none'>> = {
  '-i': 'stdin',
  '--interactive': 'stdin',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '-qi': 'quiet',
  '-iq': 'quiet',
  '-T': 'none',
  '--no-tty': 'none',
};
const VALUES: Readonly<Record<string, 'env' | 'cwd' | 'user'>> = {
  '-e': 'env',
  '--env': 'env',
  '-w': 'cwd',
  '--workdir': 'cwd',
  '-u': 'user',
  '--user': 'user',
};

/**
 * Parses `exec [-i] [-q] [-T] [-e NAME=VALUE] [-w DIR] [-u USER] TARGET [--] COMMAND…`, flags before or right after
 * TARGET.
 *
 * @param words what follows `exec`
 * @returns undefined for anything else, which the full program parses
 */
export function readQuickWords(words: readonly string[]): QuickCommand | undefined {
  const env: [string, string][] = [];
  const values = new Map<string, string>();
  let [hasStdin, isQuiet] = [false, false];
  let target: string | undefined;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-')) {
      if (target !== undefined) break;
      target = word;
      continue;
    }
    const meaning = SWITCHES[word];
    const value = VALUES[word];
    if (meaning !== undefined) {
      hasStdin ||= meaning === 'stdin' || word.length === 3;
      isQuiet ||= meaning === 'quiet';
    } else if (value === 'env') {
      at += 1;
      const pair = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[at] ?? '');
      if (pair === null) return undefined;
      env.push([pair[1] ?? '', pair[2] ?? '']);
    } else if (value !== undefined && words[at + 1] !== undefined) {
      at += 1;
      values.set(value, words[at] ?? '');
    } else {
      return undefined;
    }
  }
  const argv = words[at] === '--' ? words.slice(at + 1) : words.slice(at);
  if (target === undefined || argv.length === 0 || argv[0] === '') return undefined;
  const [cwd, user] = [values.get('cwd'), values.get('user')];
  return { target, argv, env: Object.fromEntries(env), cwd, user, hasStdin, isQuiet };
}

/** Variables that can change what the words mean: settings, AWS, and where the configuration file is. */
const DECIDING = /^(?:ECSH_|AWS_|XDG_CONFIG_HOME$|HOME$|APPDATA$)/;

/** All variables that matter, as one text: two programs with the same text understand the same words alike. */
export function surroundings(
  env: Readonly<Record<string, string | undefined>>,
  ownVariable: string,
): string {
  return Object.entries(env)
    .filter(([name]) => DECIDING.test(name) && name !== ownVariable)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort()
    .join('\n');
}
