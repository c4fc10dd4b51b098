import { quoteWord } from '#domain/errors/aws-command.ts';
import { asOneLine } from './aws-cli-line.ts';

/** A command line with a flag of another tool. */
interface Found {
  readonly argv: readonly string[];
  /** The command of ecsh. */
  readonly command: string;
  readonly value: string;
  /** The words without the flag and its value, quoted. */
  readonly others: string;
  /** Value of `--cluster`, or CLUSTER. */
  readonly cluster: string;
  /** The word that looks most like TARGET. */
  readonly target: string;
}

/** A flag of ssh, docker, kubectl or the AWS CLI, and what ecsh has in its place. */
interface ForeignFlag {
  readonly flags: readonly string[];
  readonly takesValue?: boolean;
  /** Commands that it is used with; undefined: all. */
  readonly of?: readonly string[];
  readonly advice: (found: Found) => string;
}

const SESSIONS: readonly string[] = ['shell', 'exec'];
const leaveOut = (reason: string, of: readonly string[] = SESSIONS) => ({
  of,
  advice: ({ others }: Found) => `${reason}: leave it out.  ecsh ${others}`,
});
const NOTHING_LIKE_IT = 'ECS Exec has nothing like it';

const OF_SSH: readonly ForeignFlag[] = [
  { flags: ['-p', '--port'], takesValue: true, ...leaveOut('ECS Exec has no port') },
  {
    flags: ['-l', '--login'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, others }) => `The user is -u:  ecsh -u ${value} ${others}`,
  },
  {
    flags: ['-L'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, target }) => `To forward ports:  ecsh forward ${target} ${value}`,
  },
  {
    flags: ['-R'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ target }) =>
      `Ports of this machine cannot be opened in the container. The other way:  ecsh forward ${target} PORT`,
  },
  {
    flags: ['-D'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ value, target }) => `To forward ports:  ecsh forward ${target} -D ${value}`,
  },
  {
    flags: ['-N', '-f'],
    of: SESSIONS,
    advice: ({ argv, target }) => {
      const at = argv.indexOf('-L');
      const ports = at === -1 ? 'PORT' : quoteWord(argv[at + 1] ?? 'PORT');
      return `To forward ports without a shell:  ecsh forward ${target} ${ports}`;
    },
  },
  {
    flags: ['-f', '--fork-after-authentication'],
    of: ['forward'],
    advice: ({ others }) => `In the background of your shell:  ecsh ${others} &`,
  },
  {
    flags: ['-g'],
    of: ['forward'],
    advice: ({ others }) => `For other machines too:  ecsh ${others} --address 0.0.0.0`,
  },
  {
    flags: [...['-A', '-X', '-Y', '-K', '-k', '-a', '-x', '-M', '-g', '-G', '-s', '-4', '-6']],
    ...leaveOut(NOTHING_LIKE_IT),
  },
  {
    flags: ['-o', '-J', '-F', '-E', '-B', '-b', '-I', '-m', '-O', '-Q', '-S', '-W'],
    takesValue: true,
    ...leaveOut(NOTHING_LIKE_IT),
  },
];

const OF_SCP: readonly ForeignFlag[] = [
  {
    flags: ['-i', '-F', '-J', '-l', '-o', '-S', '-c'],
    takesValue: true,
    ...leaveOut(NOTHING_LIKE_IT, ['cp']),
  },
  { flags: ['-P', '--port'], takesValue: true, ...leaveOut('ECS Exec has no port', ['cp']) },
  {
    flags: ['-z', '-B', '-O', '-s', '-3', '-4', '-6', '-f', '-L', '--compress', '--progress', '-P'],
    ...leaveOut(NOTHING_LIKE_IT, ['cp']),
  },
];

const OF_CONTAINERS: readonly ForeignFlag[] = [
  {
    flags: ['-n', '--namespace'],
    takesValue: true,
    advice: ({ value, others }) => `A namespace is a cluster here:  ecsh -C ${value} ${others}`,
  },
  {
    flags: ['--context', '--kube-context'],
    takesValue: true,
    advice: ({ value, others }) => `An account is a profile:  ecsh --profile ${value} ${others}`,
  },
  {
    flags: ['--task', '--task-id', '--pod'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ argv }) => `A task is TARGET:  ${asOneLine(argv)}`,
  },
  {
    flags: ['--service', '--service-name', '--name'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ argv }) => `A service is TARGET:  ${asOneLine(argv)}`,
  },
  {
    flags: ['--task', '--task-id', '--pod', '--service', '--service-name', '--name'],
    takesValue: true,
    of: ['cp', 'forward', 'doctor', 'logs', 'connect', 'enable', 'disable'],
    advice: ({ command, value, cluster }) =>
      command === 'cp'
        ? `TARGET stands before the path:  ${cluster}/${value}:/path`
        : `It is TARGET:  ecsh ${command} ${cluster}/${value}`,
  },
  {
    flags: ['--command'],
    takesValue: true,
    of: SESSIONS,
    advice: ({ argv }) => `The command follows TARGET:  ${asOneLine(argv)}`,
  },
  {
    flags: ['-o', '--output', '--format'],
    takesValue: true,
    advice: ({ others }) => `For JSON:  ecsh --json ${others}`,
  },
  {
    flags: ['--all-namespaces'],
    advice: () => 'For all clusters:  ecsh ls tasks -A',
  },
  {
    flags: ['--stdin'],
    of: SESSIONS,
    advice: ({ command, others }) =>
      `stdin is sent with -i:  ecsh ${others.replace(new RegExp(`^(${command})?`), `$& -i`).trim()}`,
  },
  {
    flags: ['-d', '--detach'],
    of: SESSIONS,
    advice: ({ others }) =>
      `A command ends with its session. In the background of your shell:  ecsh ${others} &`,
  },
  { flags: ['--rm', '--privileged', '--sig-proxy'], ...leaveOut(NOTHING_LIKE_IT) },
  {
    flags: ['-f', '--follow'],
    of: ['ls'],
    advice: ({ others }) => `To keep looking:  ecsh ${others} --watch`,
  },
  {
    flags: ['-h', '--no-trunc', '-R', '-1'],
    of: ['ls'],
    advice: ({ others }) => `To see everything:  ecsh ${others} --wide`,
  },
  {
    flags: ['-t', '--sort', '--sort-by', '-S'],
    of: ['ls'],
    advice: ({ others }) =>
      `Rows are sorted by name; to sort them yourself:  ecsh ${others} | sort`,
  },
];

const FOREIGN: readonly ForeignFlag[] = [...OF_SSH, ...OF_SCP, ...OF_CONTAINERS];

const FOREIGN_VALUES: readonly string[] = FOREIGN.flatMap(({ flags, takesValue }) =>
  takesValue ? flags : [],
);

/** Advice for a flag of another tool; undefined for an unknown one. */
export function adviceForFlag(
  flag: string,
  argv: readonly string[],
  command: string,
): string | undefined {
  const at = argv.indexOf(flag);
  // `-n demo/web ls`: ssh's own flag of that name, which reads stdin from /dev/null.
  if (flag === '-n' && /^[^/]+\/./.test(argv[at + 1] ?? '')) return withoutStdin(argv, at);
  const [, long, inLong] = /^(--[^=]+)=(.*)$/s.exec(flag) ?? [];
  const named = FOREIGN.find((row) => isMeant(row, long ?? flag, command));
  // `-p22`
  const [, letter = '', joined] = /^(-[a-z])(\d.*|\w.{2,})$/is.exec(flag) ?? [];
  const short = FOREIGN.find((row) => row.takesValue && isMeant(row, letter, command));
  const found = named ?? short;
  if (found === undefined) return undefined;
  const inWord = inLong ?? (named === undefined ? joined : undefined);
  const takesNext = found.takesValue === true && inWord === undefined;
  const others = argv.filter((_, index) => index !== at && !(takesNext && index === at + 1));
  const value = inWord ?? (takesNext ? argv[at + 1] : undefined) ?? 'VALUE';
  return found.advice({
    argv,
    command,
    value: quoteWord(value),
    others: others.map(quoteWord).join(' '),
    cluster: quoteWord(clusterIn(argv)),
    target: quoteWord(targetAmong(others)),
  });
}

function isMeant({ flags, of }: ForeignFlag, flag: string, command: string): boolean {
  return flags.includes(flag) && (of === undefined || of.includes(command));
}

function withoutStdin(argv: readonly string[], at: number): string {
  const [target = 'TARGET', ...command] = argv.slice(at + 1).map(quoteWord);
  const line = ['ecsh', 'exec', target, '--', ...command].join(' ');
  return `exec sends no stdin:  ${line}`;
}

function clusterIn(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === '-C' || word === '--cluster');
  const [, inWord] =
    /^--cluster=(.+)$/.exec(argv.find((word) => word.startsWith('--cluster=')) ?? '') ?? [];
  return inWord ?? (at === -1 ? undefined : argv[at + 1]) ?? 'CLUSTER';
}

function targetAmong(words: readonly string[]): string {
  const isValue = (index: number) => FOREIGN_VALUES.includes(words[index - 1] ?? '');
  const plain = words.filter(
    (word, index) =>
      !word.startsWith('-') && !isValue(index) && word !== 'exec' && word !== 'shell',
  );
  return plain.find((word) => /^[^/.]+\/./.test(word)) ?? plain[0] ?? 'TARGET';
}
