/** A common form of `ecsh exec`, parsed without the full table of flags. */
export interface QuickCommand {
  readonly target: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly user: string | undefined;
  readonly hasStdin: boolean;
  readonly isQuiet: boolean;
}

const SWITCHES: Readonly<Record<string, { readonly stdin?: true; readonly quiet?: true }>> = {
  '-i': { stdin: true },
  '--interactive': { stdin: true },
  '-q': { quiet: true },
  '--quiet': { quiet: true },
  '-qi': { stdin: true, quiet: true },
  '-iq': { stdin: true, quiet: true },
  '-T': {},
  '--no-tty': {},
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
 * @param words the arguments after `exec`
 * @returns undefined for any other form, which the full program parses
 */
export function readQuickWords(words: readonly string[]): QuickCommand | undefined {
  const env: [string, string][] = [];
  const values = new Map<string, string>();
  let hasStdin = false;
  let isQuiet = false;
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
    const switches = SWITCHES[word];
    const valueName = VALUES[word];
    if (switches !== undefined) {
      hasStdin ||= switches.stdin === true;
      isQuiet ||= switches.quiet === true;
    } else if (valueName === 'env') {
      at += 1;
      const pair = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[at] ?? '');
      if (pair === null) return undefined;
      env.push([pair[1] ?? '', pair[2] ?? '']);
    } else if (valueName !== undefined && words[at + 1] !== undefined) {
      at += 1;
      values.set(valueName, words[at] ?? '');
    } else {
      return undefined;
    }
  }
  const argv = words[at] === '--' ? words.slice(at + 1) : words.slice(at);
  if (target === undefined || argv.length === 0 || argv[0] === '') return undefined;
  const [cwd, user] = [values.get('cwd'), values.get('user')];
  return { target, argv, env: Object.fromEntries(env), cwd, user, hasStdin, isQuiet };
}

/** Variables that can change the meaning of a command: settings, AWS, and the location of the configuration file. */
const RELEVANT = /^(?:ECSH_|AWS_|XDG_CONFIG_HOME$|HOME$|APPDATA$)/;

/** Combines these variables into one string. Two processes with the same string interpret a command identically. */
export function environmentFingerprint(
  env: Readonly<Record<string, string | undefined>>,
  ownVariable: string,
): string {
  return Object.entries(env)
    .filter(([name]) => RELEVANT.test(name) && name !== ownVariable)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort()
    .join('\n');
}
